#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The kernel to build for: finds a build folder, says what is wrong with one.
#   kdir.sh find          print the default: the running kernel's build folder,
#                         else the newest one installed; nothing where none is
#   kdir.sh check KDIR    fail with one message if KDIR cannot build the modules
#   kdir.sh release KDIR  print the release of KDIR's kernel
#   kdir.sh compiler KDIR print what make needs to be told where clang built KDIR's
#                         kernel, which finds gcc by itself; nothing where gcc did
#   kdir.sh pattern       print what the releases of supported kernels match, for
#                         dkms.conf: an extended regular expression
# XENPV_ROOT is prefixed to /lib/modules, for the tests.
set -eu

# The kernels that probe.sh and compat.h know, both ends included.
oldest=6.1
newest=7.3

tree=$(cd "$(dirname "$0")/../.." && pwd)

die()
{
	echo "kdir.sh: $*" >&2
	exit 1
}

find_default()
{
	modules=${XENPV_ROOT:-}/lib/modules
	if [ -e "$modules/$(uname -r)/build/Makefile" ]; then
		echo "$modules/$(uname -r)/build"
		return
	fi
	for folder in "$modules"/*/build; do
		if [ -e "$folder/Makefile" ]; then
			echo "$folder"
		fi
	done | sort -V | tail -n 1
}

# number VERSION.PATCHLEVEL: one number to compare by.
number()
{
	echo $((${1%%.*} * 256 + ${1#*.}))
}

# config NAME: y, m or nothing.
config()
{
	sed -n "s/^CONFIG_$1=//p" "$kdir/include/config/auto.conf"
}

# Debian's include/config/kernel.release has another name than its /lib/modules.
release()
{
	sed -n 's/^#define UTS_RELEASE "\(.*\)"/\1/p' \
		"$kdir/include/generated/utsrelease.h"
}

# The clang of that kernel's, by its version where no other is there.
compiler()
{
	if [ "$(config CC_IS_CLANG)" != y ]; then
		return
	fi
	suffix=
	if ! command -v clang >/dev/null; then
		version=$(config CLANG_VERSION)
		suffix=-$((${version:-0} / 10000))
	fi
	if [ "$(config LD_IS_LLD)" != y ]; then
		echo "CC=clang$suffix"
	else
		echo "LLVM=${suffix:-1}"
	fi
}

# Every supported VERSION.PATCHLEVEL by itself; no patch level has ever passed 99.
pattern()
{
	list=
	major=${oldest%%.*}
	minor=${oldest#*.}
	while [ "$(number "$major.$minor")" -le "$(number $newest)" ]; do
		list="$list${list:+|}${major}[.]$minor"
		minor=$((minor + 1))
		if [ "$minor" -gt 99 ]; then
			major=$((major + 1))
			minor=0
		fi
	done
	echo "^($list)[^0-9]"
}

check_folder()
{
	if [ -z "$kdir" ]; then
		die "no kernel build folder found: no /lib/modules/*/build;" \
			"install the headers (Debian: apt-get install linux-headers-amd64)" \
			"or give one: make modules KDIR=/lib/modules/VERSION/build"
	fi
	if [ ! -d "$kdir" ]; then
		die "KDIR=$kdir: no such folder"
	fi
	if [ ! -e "$kdir/Makefile" ]; then
		die "KDIR=$kdir: not a kernel build folder: it has no Makefile"
	fi
	for file in include/config/auto.conf include/generated/uapi/linux/version.h; do
		if [ ! -e "$kdir/$file" ]; then
			die "KDIR=$kdir: not a kernel build folder: it has no $file" \
				"(a bare source tree needs its .config and 'make modules_prepare')"
		fi
	done
}

check_version()
{
	code=$(sed -n 's/^#define LINUX_VERSION_CODE //p' \
		"$kdir/include/generated/uapi/linux/version.h")
	version=$((code >> 16)).$((code >> 8 & 255))
	if [ "$(number $version)" -lt "$(number $oldest)" ] ||
	   [ "$(number $version)" -gt "$(number $newest)" ]; then
		die "KDIR=$kdir: its kernel is $(release);" \
			"supported are $oldest to $newest"
	fi
}

check_config()
{
	for name in MODULES XEN; do
		if [ -z "$(config $name)" ]; then
			die "KDIR=$kdir: kernel $(release) is built without CONFIG_$name"
		fi
	done
}

# A driver that is part of the kernel's image owns its devices before any
# module is loaded.
warn_builtin()
{
	while read -r option driver; do
		if [ -d "$tree/drivers/${driver#xen-}" ] && [ "$(config "$option")" = y ]; then
			echo "warning: kernel $(release) has its own $driver built in" \
				"(CONFIG_$option=y): our $driver.ko cannot take its place there" >&2
		fi
	done <<-END
		XEN_BLKDEV_FRONTEND xen-blkfront
		XEN_BLKDEV_BACKEND xen-blkback
		XEN_NETDEV_FRONTEND xen-netfront
		XEN_NETDEV_BACKEND xen-netback
	END
}

command=${1:-}
kdir=${2:-}
case $command in
find)
	find_default
	;;
check)
	check_folder
	check_version
	check_config
	warn_builtin
	;;
release)
	check_folder
	release
	;;
compiler)
	check_folder
	compiler
	;;
pattern)
	pattern
	;;
*)
	die "unknown command '$command' (find, check KDIR, release KDIR, compiler KDIR, pattern)"
	;;
esac
