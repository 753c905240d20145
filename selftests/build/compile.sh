#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the compiler, sparse and the finished modules say, in TAP. Builds a copy
# of the tree with W=1 and C=1, so that nobody's objects are in the way.
#
# Seen failing: W=1 with an unused static function, sparse with a __le32 assigned
# to an int, modules with MODULE_LICENSE("Proprietary"), a lost MODULE_ALIAS, a
# parameter without MODULE_PARM_DESC, names with a global function that lacks its
# folder's prefix. selftests/build/breach.sh repeats the first two.
# tier: short
# timeout: 600
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib/tap.sh
. "$here/../lib/tap.sh"
cd "${XENPV_TREE:-$here/../..}" || exit 1
PATH=$PATH:/usr/sbin:/sbin
KDIR=${KDIR:-$(common/compat/kdir.sh find)}

# The aliases by which the kernel's own drivers are found, so that ours are too.
known_modules()
{
	cat <<-END
		xenpv-common
		xen-blkfront xen:vbd xenblk block-major-202-*
		xen-blkback xen-backend:vbd
		xen-netfront xen:vif xennet
		xen-netback xen-backend:vif
	END
}

# Copies what kbuild needs, without objects.
copy_tree()
{
	cp Makefile Kbuild "$work/"
	cp dkms.conf "$work/" 2>/dev/null
	find common drivers \( -name '*.[ch]' -o -name Kbuild -o -name '*.sh' \) \
		! -name '*.mod.c' ! -path common/compat/config.h -exec cp --parents {} "$work/" \;
}

# kbuild's lines are full paths into the copy; only the findings are wanted.
build()
{
	XENPV_SPARSE_LOG=$work/sparse.log make -k -C "$work" modules KDIR="$KDIR" W=1 C=1 \
		CHECK="$here/sparse.sh" >"$work/build.log" 2>&1
	sed -i "s|$work/||g" "$work/build.log" "$work/sparse.log"
}

warnings()
{
	local said='(warning|error):|from (common|drivers)/'
	local broke='undefined!|No rule to make|^kdir\.sh|: \*\*\* .*Stop'

	grep -E "$said|$broke" "$work/build.log" | awk '!seen[$0]++' | head -n 40
}

# sparse.sh notes each file that it looked at: looking at none finds none.
sparse_findings()
{
	local file

	if ! command -v sparse >/dev/null; then
		echo "sparse is missing: sudo apt-get install sparse"
		return
	fi
	grep -v '^checked ' "$work/sparse.log" | awk '!seen[$0]++' | head -n 40
	for file in common/*.c drivers/*/*.c; do
		if [ -e "$file" ] && [[ $file != *.mod.c ]] && compiled "$file" &&
		   ! grep -qx "checked $file" "$work/sparse.log"; then
			echo "$file: not checked"
		fi
	done
}

# A kernel may find sparse too old for its headers, and then not call it: Linux
# 7.3 does of 0.6.4, which is the newest that Debian has.
sparse_refused()
{
	command -v sparse >/dev/null &&
		grep -m 1 -o 'C=1 specified, but .* is not available or not up to date' "$work/build.log"
}

compiled()
{
	[ -e "$work/${1%.c}.o" ]
}

# module_of FOLDER: its module's name, from its Kbuild.
module_of()
{
	sed -n 's/^obj-m *[:+]= *\(.*\)\.o$/\1/p' "$1/Kbuild" 2>/dev/null
}

# module_findings MODULE FILE ALIAS...
module_findings()
{
	local module=$1 file=$2 alias depends

	shift 2
	if [ ! -e "$file" ]; then
		echo "$module.ko was not built"
		return
	fi
	if [ "$(modinfo -F name "$file")" != "${module//-/_}" ]; then
		echo "name: $(modinfo -F name "$file")"
	fi
	if [[ $(modinfo -F license "$file") != *GPL* ]]; then
		echo "license: $(modinfo -F license "$file")"
	fi
	if [ -z "$(modinfo -F description "$file")" ]; then
		echo "no description"
	fi
	if [ -z "$(modinfo -F version "$file")" ]; then
		echo "no version: dkms would not put it in the kernel's own place"
	fi
	for alias in "$@"; do
		if ! modinfo -F alias "$file" | grep -qxF "$alias"; then
			echo "no alias $alias"
		fi
	done
	depends=$(modinfo -F depends "$file")
	if [ "$module" != xenpv-common ] && [[ ,$depends, != *,xenpv-common,* ]]; then
		echo "does not depend on xenpv-common but on: $depends"
	fi
	modinfo -F parm "$file" |
		sed -En 's/^([a-z0-9_]+): ?\(.*/parameter without a description: \1/p'
}

modules()
{
	local folder module aliases

	for folder in common drivers/*/; do
		module=$(module_of "${folder%/}")
		if ! aliases=$(known_modules | grep -E "^$module( |$)"); then
			is_empty "build: $folder is a module of ours" \
				"${folder%/}/Kbuild: its obj-m '$module' is not in known_modules"
			continue
		fi
		read -ra aliases <<<"$aliases"
		is_empty "build: $module.ko" "$(module_findings "$module" \
			"$work/${folder%/}/$module.ko" "${aliases[@]:1}")"
	done
}

# A reader knows from the name whose function it is; the kernel has one name
# space for all modules, and a module may be linked into it.
names()
{
	local folder object prefix
	local kernel='init_module$|cleanup_module$|__this_module$|__pfx_'
	local tracepoint='__(traceiter|probestub|SCK__tp_func|SCT__tp_func|tracepoint)_'

	for folder in common drivers/*/; do
		folder=${folder%/}
		prefix=${folder##*/}_
		if [ "$folder" = common ]; then
			prefix="xpv_|${tracepoint}xpv_"
		fi
		for object in "$work/$folder"/*.o; do
			[[ -e $object && $object != *.mod.o ]] || continue
			nm --defined-only -g "$object" | awk '{ print $3 }' |
				grep -Ev "^($prefix|$kernel)" |
				sed "s|^|${object#"$work/"}: global name without the prefix: |"
		done
	done | sort -u
}

work=$(mktemp -d)
at_exit rm -rf "$work"
: >"$work/sparse.log"
copy_tree
build
is_empty "build: no warning with W=1" "$(warnings)"
if refused=$(sparse_refused); then
	skip "build: sparse is silent" "$refused"
else
	is_empty "build: sparse is silent" "$(sparse_findings)"
fi
modules
is_empty "build: global names have their folder's prefix" "$(names)"
