#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What can be said of the packaging without installing it, in TAP: dkms.conf names
# every module and the right kernels, versions agree, man pages are complete, and
# xenpv-status and dkms.sh have one clear message for each thing that is wrong.
# dkms-inside.sh, of make check-dkms, tries the rest.
#
# Seen failing: the documents with CHANGELOG.md taken out of deb.sh, the changelog
# with a version more in debian/changelog. The others would fail (not tried) with
# the thing in question taken out.
# tier: short
# timeout: 120
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib/tap.sh
. "$here/../lib/tap.sh"
cd "${XENPV_TREE:-$here/../..}" || exit 1
PATH=$PATH:/usr/sbin:/sbin
unset KDIR MAKEFLAGS MAKELEVEL

# conf TEXT: a value out of dkms.conf, read as dkms does.
conf()
{
	bash -c '. ./dkms.conf; eval "echo \"\${'"$1"'}\""'
}

# Every module of the tree, with its folder, is in dkms.conf.
modules()
{
	local kbuild module

	for kbuild in common/Kbuild drivers/*/Kbuild; do
		module=$(sed -n 's/^obj-m *[:+]= *\(.*\)\.o$/\1/p' "$kbuild")
		echo "$module ${kbuild%/Kbuild} /updates/dkms"
	done | sort
}

modules_of_dkms()
{
	local i

	for ((i = 0; i < $(conf '#BUILT_MODULE_NAME[@]'); i++)); do
		conf "BUILT_MODULE_NAME[$i]} \${BUILT_MODULE_LOCATION[$i]} \${DEST_MODULE_LOCATION[$i]"
	done | sort
}

# release YES|NO: what dkms.conf makes of it.
kernels()
{
	local pattern release wanted got

	pattern=$(conf BUILD_EXCLUSIVE_KERNEL)
	while read -r release wanted; do
		got=no
		if [[ $release =~ $pattern ]]; then
			got=yes
		fi
		if [ $got != "$wanted" ]; then
			echo "$release: $got"
		fi
	done <<-END
		5.10.0-9-amd64 no
		6.0.12 no
		6.1.0-56-amd64 yes
		6.1-rc1 yes
		6.12.107+deb13-amd64 yes
		7.3.4+deb13-amd64 yes
		7.4.0 no
		7.30.1 no
		16.1.0 no
	END
}

# The documents that the package's list names, as the folder has them that deb.sh builds in.
documents()
{
	local pattern

	while read -r pattern; do
		compgen -G "$pattern" >/dev/null || echo "$pattern: there is none"
		grep -qE "\\\$tree/${pattern%%/*}\"" packaging/deb.sh ||
			echo "$pattern: deb.sh does not copy it"
	done < <(cat debian/xenpv-dkms.docs debian/xenpv-dkms.manpages debian/xenpv-dkms.examples)
}

# Each version that debian/changelog has is a heading of CHANGELOG.md.
changelog()
{
	local version

	while read -r version; do
		grep -q "^## $version " CHANGELOG.md || echo "CHANGELOG.md: nothing of $version"
	done < <(sed -n 's/^xenpv (\(.*\)).*/\1/p' debian/changelog)
}

lab_commands()
{
	local command

	for command in $(sed -n 's/^COMMANDS = \[\(.*\)\]/\1/p' selftests/lab/xenlab/cli.py | tr -d ,); do
		if ! grep -qE "^\.BI?R? .*\b$command\b" man/xenpv-lab.1; then
			echo "not in man/xenpv-lab.1: $command"
		fi
	done
}

man_pages()
{
	local page

	for page in man/*; do
		man --warnings -l "$page" 2>&1 >/dev/null | sed "s|^|$page: |"
	done
}

package_says() { says "package: $1" "${@:2}"; }

# kernel NAME FILE...: a kernel of these modules in a made-up root; a FILE that ends
# in "builtin" is one that is built in.
kernel()
{
	local folder=$work/root/lib/modules/$1 file

	shift
	mkdir -p "$folder"
	: >"$folder/modules.order"
	: >"$folder/modules.builtin"
	for file in "$@"; do
		if [[ $file == *=builtin ]]; then
			echo "kernel/drivers/${file%=builtin}.ko" >>"$folder/modules.builtin"
			continue
		fi
		mkdir -p "$folder/$(dirname "$file")"
		# modinfo and depmod want an object, empty or not
		echo | gcc -x c -c -o "$folder/$file.ko" -
	done
	depmod -b "$work/root" "${folder##*/}" 2>/dev/null
}

# status RELEASE
status()
{
	XENPV_ROOT=$work/root packaging/xenpv-status "$@"
}

test_status()
{
	local name ours=() theirs=()

	for name in xen-blkfront xen-blkback xen-netfront xen-netback; do
		ours+=("updates/dkms/$name")
		theirs+=("kernel/drivers/xen/$name")
	done
	kernel 6.1.0-ours "${ours[@]}" updates/dkms/xenpv-common "${theirs[@]}"
	kernel 6.1.0-theirs "${theirs[@]}"
	kernel 6.1.0-half "${ours[@]::2}" updates/dkms/xenpv-common "${theirs[@]}"
	kernel 6.1.0-broken "${ours[@]}"
	kernel 6.1.0-none kernel/drivers/other
	kernel 9.0.0-new "${theirs[@]}"
	mkdir -p "$work/root/lib/modules/9.0.0-new/build/include/"{config,generated/uapi/linux}
	touch "$work/root/lib/modules/9.0.0-new/build/"{Makefile,include/config/auto.conf}
	echo "#define LINUX_VERSION_CODE $((9 << 16))" \
		>"$work/root/lib/modules/9.0.0-new/build/include/generated/uapi/linux/version.h"
	echo '#define UTS_RELEASE "9.0.0-new"' \
		>"$work/root/lib/modules/9.0.0-new/build/include/generated/utsrelease.h"
	package_says "status: ours" 0 "6.1.0-ours: ours: xen-blkfront xen-blkback xen-netfront xen-netback" \
		status 6.1.0-ours
	package_says "status: no headers" 1 "apt-get install linux-headers-6.1.0-theirs" \
		status 6.1.0-theirs
	package_says "status: half installed" 1 "half installed: ours: xen-blkfront xen-blkback" \
		status 6.1.0-half
	package_says "status: broken" 1 "xenpv-common is missing" status 6.1.0-broken
	package_says "status: no Xen in it" 0 "has no Xen drivers" status 6.1.0-none
	package_says "status: not supported" 1 "its kernel is 9.0.0-new; supported are" status 9.0.0-new
	package_says "status: no such kernel" 1 "6.1.0-gone: no such kernel" status 6.1.0-gone
	mkdir -p "$work/root/sys/module/xen_blkfront"
	package_says "status: what runs" 1 "running now: xen-blkfront: the kernel's own" status
	mkdir -p "$work/root/sys/module/xenpv_common/holders/xen_blkfront"
	package_says "status: what runs is ours" 1 "running now: xen-blkfront: ours" status
}

test_make()
{
	local path=$work/bin program

	# Only what the script needs to get that far.
	mkdir "$path"
	for program in sh dirname sed id; do
		ln -s "$(command -v $program)" "$path/$program"
	done
	if [ "$(id -u)" -ne 0 ]; then
		package_says "dkms-install without root" 1 "needs root" packaging/dkms.sh install /nonexistent
	elif [ -e /usr/sbin/dkms ]; then
		skip "package: dkms-install without dkms" "dkms is installed here"
	else
		package_says "dkms-install without dkms" 1 "dkms is missing: apt-get install dkms" \
			env PATH="$path" packaging/dkms.sh install /nonexistent
	fi
	package_says "dkms.sh with a wrong command" 1 "unknown command 'x'" packaging/dkms.sh x
	package_says "a kernel that nobody tests" 1 "KERNEL=5.10: no such kernel; known are 6.1 6.12 7.3" \
		"$here/chroot.sh" run 5.10 true
	packaging/dkms.sh source "$work/source"
	is_empty "package: the sources that dkms gets make the modules' folders" "$(
		for file in Makefile Kbuild dkms.conf common/compat/kdir.sh \
			common/compat/include/linux/hex.h drivers/blkfront/Kbuild; do
			[ -e "$work/source/$file" ] || echo "$file is not among them"
		done
		find "$work/source" -name '*.o' -o -name '*.ko' -o -name config.h -o -name '*.mod.c')"
}

# A warning of a compiler or a kernel that nobody has tried is no error, not even
# where the kernel has CONFIG_WERROR.
warned()
{
	local kdir

	kdir=$(common/compat/kdir.sh find)
	packaging/dkms.sh source "$work/warned"
	rm -r "$work/warned/drivers"/* "$work/warned/common"/*.c
	echo 'obj-m := xenpv-common.o' >"$work/warned/common/Kbuild"
	printf '%s\n' '#include <linux/module.h>' 'static int unused(void) { return 1; }' \
		'MODULE_DESCRIPTION("x");' 'MODULE_LICENSE("GPL");' >"$work/warned/common/xenpv-common.c"
	make -C "$work/warned" modules KDIR="$kdir" KCFLAGS=-Werror >"$work/log" 2>&1 ||
		grep -m 3 'error' "$work/log"
	grep -q 'unused' "$work/log" || echo "there was no warning"
}

work=$(mktemp -d)
at_exit rm -rf "$work"
is_empty "package: dkms.conf has every module" "$(diff <(modules) <(modules_of_dkms))"
is_empty "package: dkms.conf accepts the supported kernels" "$(kernels)"
is_empty "package: dkms.conf and the changelog have one version" \
	"$(diff <(packaging/dkms.sh version) <(sed -n '1s/.*(\(.*\)).*/\1/p' debian/changelog))"
is_empty "package: the documents that it lists are in it" "$(documents)"
is_empty "package: CHANGELOG.md has its versions" "$(changelog)"
is_empty "package: the man page has the lab's commands" "$(lab_commands)"
if command -v man >/dev/null; then
	is_empty "package: the man pages are well-formed" "$(man_pages)"
else
	skip "package: the man pages are well-formed" "no man"
fi
is_empty "package: a warning does not fail the build" "$(warned)"
test_status
test_make
