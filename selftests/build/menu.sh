#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The menu and its messages, in TAP: what make says to a wrong KDIR, and where
# install puts things. Kernels are made up: only the files that kdir.sh reads.
#
# Seen failing: with kdir.sh's check for the thing in question taken out.
# selftests/build/breach.sh repeats that for two of them.
# tier: short
# timeout: 120
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib/tap.sh
. "$here/../lib/tap.sh"
cd "${XENPV_TREE:-$here/../..}" || exit 1
unset KDIR MAKEFLAGS MAKELEVEL

# fake NAME VERSION PATCHLEVEL CONFIG...: a build folder as far as kdir.sh looks.
fake()
{
	local folder=$work/$1

	mkdir -p "$folder/include/config" "$folder/include/generated/uapi/linux" \
		"$folder/include/xen"
	echo "all modules:" >"$folder/Makefile"
	: >"$folder/include/xen/xenbus.h"
	echo "#define LINUX_VERSION_CODE $(($2 << 16 | $3 << 8))" \
		>"$folder/include/generated/uapi/linux/version.h"
	echo "#define UTS_RELEASE \"$2.$3.0-fake\"" >"$folder/include/generated/utsrelease.h"
	shift 3
	printf 'CONFIG_%s\n' "$@" >"$folder/include/config/auto.conf"
}

menu_says() { says "menu: $1" "${@:2}"; }

check_kdir()
{
	common/compat/kdir.sh check "$work/$1"
}

# Every target that people call is in the menu.
missing_targets()
{
	local menu target

	menu=$(make)
	for target in modules install uninstall clean style check check-unit demo; do
		if ! grep -q "^  $target  *[a-z]" <<<"$menu"; then
			echo "$target is not in the menu"
		fi
	done
}

work=$(mktemp -d)
at_exit rm -rf "$work"
fake old 5 10 MODULES=y XEN=y
fake first 6 1 MODULES=y XEN=y XEN_BLKDEV_FRONTEND=m
fake last 7 3 MODULES=y XEN=y
fake new 7 4 MODULES=y XEN=y
fake noxen 6 12 MODULES=y
fake builtin 6 12 MODULES=y XEN=y XEN_BLKDEV_FRONTEND=y XEN_BLKDEV_BACKEND=m
mkdir -p "$work/bare" "$work/root/lib/modules" "$work/roots"
touch "$work/bare/Makefile"

is_empty "menu: make alone lists the targets" "$(missing_targets)"
menu_says "KDIR that does not exist" 1 "KDIR=/nonexistent: no such folder" \
	make modules KDIR=/nonexistent
menu_says "KDIR that is no kernel" 1 "KDIR=$work/root: not a kernel build folder" \
	make modules KDIR="$work/root"
menu_says "KDIR that is not configured" 1 "make modules_prepare" make modules KDIR="$work/bare"
menu_says "no headers installed" 1 "apt-get install linux-headers-amd64" \
	env XENPV_ROOT="$work/root" make modules
menu_says "kernel too old" 1 "its kernel is 5.10.0-fake; supported are 6.1 to 7.3" check_kdir old
menu_says "kernel too new" 1 "its kernel is 7.4.0-fake; supported are 6.1 to 7.3" check_kdir new
menu_says "the oldest kernel" 0 "" check_kdir first
menu_says "the newest kernel" 0 "" check_kdir last
menu_says "kernel without Xen" 1 "built without CONFIG_XEN" check_kdir noxen
menu_says "kernel with its own driver built in" 0 \
	"CONFIG_XEN_BLKDEV_FRONTEND=y): our xen-blkfront.ko cannot take its place" check_kdir builtin
for version in 6.1.0-9-x 6.1.0-10-x 6.12.3-x 6.2.0-x; do
	mkdir -p "$work/roots/lib/modules/$version"
	ln -s "$work/first" "$work/roots/lib/modules/$version/build"
done
mkdir -p "$work/roots/lib/modules/9.9-dangling"
ln -s /nonexistent "$work/roots/lib/modules/9.9-dangling/build"
menu_says "the newest headers are the default" 0 "/lib/modules/6.12.3-x/build" \
	env XENPV_ROOT="$work/roots" common/compat/kdir.sh find
mkdir -p "$work/roots/lib/modules/$(uname -r)"
ln -sfn "$work/first" "$work/roots/lib/modules/$(uname -r)/build"
menu_says "the running kernel's come first" 0 "/lib/modules/$(uname -r)/build" \
	env XENPV_ROOT="$work/roots" common/compat/kdir.sh find

# told NAME WANTED FOLDER [ARGUMENT...]: what make says of the compiler to the build of
# that kernel, with a clang in the path that need not work.
told()
{
	local got

	got=$(PATH=$work/bin:$PATH make -s modules KDIR="$work/$3" "${@:4}" 2>&1 |
		sed -n 's/^told //p')
	is_empty "menu: $1" "$([ "$got" = "$2" ] || echo "make was told: ${got:-nothing}")"
}

fake clang 6 12 MODULES=y XEN=y CC_IS_CLANG=y LD_IS_LLD=y CLANG_VERSION=190107
fake clang-ld 6 12 MODULES=y XEN=y CC_IS_CLANG=y CLANG_VERSION=190107
for folder in first clang clang-ld; do
	# shellcheck disable=SC2016 # make's
	printf 'modules:\n\t@echo "told LLVM=$(LLVM) CC=$(origin CC)"; : >"$(M)/modules.order"\n' \
		>"$work/$folder/Makefile"
done
mkdir "$work/bin" "$work/few" "$work/tree"
ln -s /bin/true "$work/bin/clang"
for tool in sh sed dirname; do
	ln -s "$(command -v $tool)" "$work/few/$tool"
done
menu_says "a kernel of a clang that is there by its version only" 0 "LLVM=-19" \
	env PATH="$work/few" common/compat/kdir.sh compiler "$work/clang"
# A copy: what is built here has a config.h.
cp -r Makefile Kbuild common "$work/tree/"
cd "$work/tree" || exit 1
told "a kernel of gcc's" "LLVM= CC=default" first
told "a kernel of clang's" "LLVM=1 CC=default" clang
told "one that clang compiled and ld linked" "LLVM= CC=command line" clang-ld
told "the caller's choice of LLVM" "LLVM=-17 CC=default" clang LLVM=-17
told "the caller's choice of a compiler" "LLVM= CC=command line" clang CC=gcc
