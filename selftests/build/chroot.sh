#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Debian chroots for what is tried with more than one kernel, kept in
# ${XENPV_CACHE:-~/.cache/xenpv}/kernels; delete a folder there for newer packages.
#   chroot.sh list                  the kernels of selftests/kernels.txt
#   chroot.sh make KERNEL           make it unless it is there; print its folder
#   chroot.sh run KERNEL COMMAND... a command in a copy that is then thrown away,
#                                   with this tree, read-only, at /xenpv
# CHROOT_MORE="PACKAGE..." is for a chroot of its own that has these packages too.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
tree=$(cd "${XENPV_TREE:-$here/../..}" && pwd -P)
kernels=$here/../kernels.txt
cache=${XENPV_CACHE:-$HOME/.cache/xenpv}/kernels

packages=(gcc binutils make kmod sparse dkms dh-dkms debhelper dpkg-dev fakeroot
	openssl initramfs-tools zstd python3)
read -ra more <<<"${CHROOT_MORE:-}"
packages+=("${more[@]}")
# With the right compiler; from the further suite where there is one.
kernel_packages=(linux-image-amd64 linux-headers-amd64)

die()
{
	echo "chroot.sh: $*" >&2
	exit 1
}

list()
{
	awk '!/^#/ { print $1 }' "$kernels"
}

# find_row KERNEL: sets suite and further.
find_row()
{
	local name

	while read -r name suite further; do
		if [ "$name" = "$1" ]; then
			return
		fi
	done <"$kernels"
	die "KERNEL=$1: no such kernel; known are $(list | xargs)"
}

# What a chroot is made of is in its name: another recipe is another chroot.
folder()
{
	local digest

	digest=$(echo "$suite $further ${packages[*]} ${kernel_packages[*]}" | sha256sum)
	echo "$cache/$1-${digest:0:12}"
}

make_chroot()
{
	local out=$1 mirror=http://deb.debian.org/debian sources

	if [ "$(id -u)" -ne 0 ]; then
		die "making the chroot of kernel $2 needs root: use sudo"
	fi
	if ! command -v mmdebstrap >/dev/null; then
		die "mmdebstrap is missing: sudo apt-get install mmdebstrap"
	fi
	sources=("deb $mirror $suite main")
	if [ -n "$further" ]; then
		sources+=("deb $mirror $further main")
	fi
	echo "chroot.sh: making $out ($suite${further:+, $further}; a minute or two)" >&2
	rm -rf "$out.tmp"
	# INITRD=No: nobody boots it as it is; dkms-inside.sh makes its own.
	if ! INITRD=No LC_ALL=C mmdebstrap --variant=apt \
		--aptopt='Apt::Install-Recommends "false"' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--include="$(IFS=,; echo "${packages[*]}")" \
		--customize-hook="chroot \"\$1\" apt-get -qq install -y \
			--no-install-recommends -t ${further:-$suite} ${kernel_packages[*]}" \
		--customize-hook="rm -rf \"\$1\"/var/cache/apt/archives/*.deb" \
		"$suite" "$out.tmp" "${sources[@]}" >"$out.log" 2>&1; then
		tail -n 20 "$out.log" | sed 's/^/    /' >&2
		die "mmdebstrap of $suite failed; $out.log has all of it"
	fi
	mv "$out.tmp" "$out"
}

# ensure KERNEL: prints the folder, which exists then.
ensure()
{
	local out

	find_row "$1"
	out=$(folder "$1")
	mkdir -p "$cache"
	exec 9>"$out.lock"
	flock 9
	if [ ! -d "$out" ]; then
		make_chroot "$out" "$1"
	fi
	exec 9>&-
	echo "$out"
}

# What is written goes to a file system in memory and ends with the command, as
# do all mounts and processes.
run()
{
	local root

	root=$(ensure "$1")
	shift
	if [ "$(id -u)" -ne 0 ]; then
		die "running in a chroot needs root: use sudo"
	fi
	# shellcheck disable=SC2016 # the dollars are the inner bash's
	exec unshare --mount --pid --fork --kill-child bash -ec '
		lower=$1 tree=$2
		shift 2
		mount -t tmpfs -o size=75% xenpv /mnt
		mkdir /mnt/upper /mnt/work /mnt/root
		mount -t overlay -o "lowerdir=$lower,upperdir=/mnt/upper,workdir=/mnt/work" \
			xenpv /mnt/root
		mount -t proc proc /mnt/root/proc
		mount --bind /dev /mnt/root/dev
		mkdir -p /mnt/root/xenpv
		mount --bind -o ro "$tree" /mnt/root/xenpv
		exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C \
			DEBIAN_FRONTEND=noninteractive chroot /mnt/root "$@"
	' bash "$root" "$tree" "$@"
}

command=${1:-}
case $command in
list)
	list
	;;
make)
	ensure "${2:?usage: chroot.sh make KERNEL}"
	;;
run)
	run "${2:?usage: chroot.sh run KERNEL COMMAND...}" "${@:3}"
	;;
*)
	die "unknown command '$command' (list, make KERNEL, run KERNEL COMMAND...)"
	;;
esac
