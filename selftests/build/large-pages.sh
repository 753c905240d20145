#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The modules compile without a warning for a kernel with pages of 64 KiB, in TAP:
# one of arm64, the only such that Xen has, configured here from Debian's source
# and kept in ${XENPV_CACHE:-~/.cache/xenpv}/large-pages/VERSION. Compiled, never
# run: the lab is x86.
#
# Seen failing: with static_assert(PAGE_SIZE == XEN_PAGE_SIZE) in blkfront.h.
# tier: deep
# timeout: 900
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib/tap.sh
. "$here/../lib/tap.sh"
cd "$here/../.." || exit 1

package=linux-source-6.1
cache=${XENPV_CACHE:-$HOME/.cache/xenpv}/large-pages
cross=(ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-)
work=$(mktemp -d)
at_exit rm -rf "$work"

# fetch FOLDER: the source and a build folder in it.
fetch()
{
	(cd "$work" && apt-get -qq -o APT::Sandbox::User=root download $package) &&
		dpkg-deb -x "$work"/$package*.deb "$work/deb" && mkdir -p "$1" &&
		tar -xJf "$work/deb/usr/src/$package.tar.xz" -C "$1" --strip-components=1 &&
		rm -r "$work/deb"
}

# configure FOLDER: what our modules need of it, and what the headers say.
configure()
{
	local option options=()

	for option in XEN XEN_BACKEND ARM64_64K_PAGES; do
		options+=(-e "$option")
	done
	for option in XEN_BLKDEV_FRONTEND XEN_BLKDEV_BACKEND XEN_NETDEV_FRONTEND XEN_NETDEV_BACKEND; do
		options+=(-m "$option")
	done
	make -s -C "$1" "${cross[@]}" defconfig && (cd "$1" && scripts/config "${options[@]}") &&
		make -s -C "$1" "${cross[@]}" olddefconfig &&
		grep -qx CONFIG_ARM64_64K_PAGES=y "$1/.config" &&
		make -s -j"$(nproc)" -C "$1" "${cross[@]}" modules_prepare
}

version=$(apt-cache policy $package | awk '/Candidate:/ { print $2 }')
kernel=$cache/$version
if [ ! -e "$kernel/ready" ]; then
	echo "large-pages.sh: making $kernel (139 MB to fetch, two minutes)" >&2
	rm -rf "$kernel"
	if ! { fetch "$kernel" && configure "$kernel"; } >"$work/log" 2>&1; then
		is_empty "large-pages: a kernel" "$(tail -n 20 "$work/log")"
		exit
	fi
	touch "$kernel/ready"
fi

mkdir "$work/tree"
cp Makefile Kbuild "$work/tree"
find common drivers \( -name '*.[ch]' -o -name Kbuild -o -name '*.sh' \) ! -name '*.mod.c' \
	! -path common/compat/config.h -exec cp --parents {} "$work/tree" \;
# Without the kernel's own objects nobody knows its symbols.
make -C "$work/tree" modules KDIR="$kernel" "${cross[@]}" KBUILD_MODPOST_WARN=1 W=1 \
	>"$work/log" 2>&1
is_empty "large-pages: no warning" "$(grep -E 'warning:|error:|\*\*\*' "$work/log" | head -n 20)"
built=$(find "$work/tree" -name '*.ko' | wc -l)
is_empty "large-pages: five modules" "$([ "$built" = 5 ] || echo "$built")"
