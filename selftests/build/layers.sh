#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The rules of the house that the compiler does not know, in TAP. Arrows point
# one way: drivers/ -> common/ -> kernel.
#
# Seen failing: each with the breach that selftests/build/breach.sh makes, which
# repeats that every time.
# tier: short
# timeout: 60
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib/tap.sh
. "$here/../lib/tap.sh"
cd "${XENPV_TREE:-$here/../..}" || exit 1

sources()
{
	find "$@" -name '*.[ch]' ! -name '*.mod.c' ! -path common/compat/config.h | sort
}

# code PATTERN FOLDER...: lines of code, not of comments, that match the Perl
# expression, as FILE:LINE: TEXT.
code()
{
	local pattern=$1

	shift
	# shellcheck disable=SC2016 # the dollars are Perl's
	sources "$@" | PATTERN=$pattern xargs -r perl -0777 -ne '
		s{("(?:\\.|[^"\\\n])*")|/\*.*?\*/|//[^\n]*}
		 {defined $1 ? $1 : "\n" x ($& =~ tr/\n//)}gse;
		my $line = 0;
		for (split /\n/) {
			$line++;
			print "$ARGV:$line: $_\n" if /$ENV{PATTERN}/;
		}'
}

# Everything of Xen that has a home in common/. The protocols' own names
# (BLKIF_*, XEN_NETIF_*, struct blkif_*) are not among it.
xen_calls='\b(xenbus_\w+|xenbus_dev_\w+|register_xenbus_watch|xs_\w+|gnttab_\w+|xengnttab_\w+'
xen_calls+='|RING_[A-Z_]+|[A-Z]+_RING_INIT|(FRONT|BACK|SHARED)_RING\w*|DEFINE_RING_TYPES'
xen_calls+='|(un)?bind_\w*(evtchn|irqhandler|virq|ipi)\w*|evtchn_\w+|notify_remote_via_\w+'
xen_calls+='|xen_irq_lateeoi|HYPERVISOR_\w+|xen_(pv_|hvm_|initial_|pvh_)?domain|xen_has_pv_\w+'
xen_calls+='|xen_(page|virt)_to_\w+|virt_to_[mg]fn|(pfn|mfn|gfn)_to_\w+|XENFEAT_\w+'
xen_calls+='|xen_feature)\s*\('

# <xen/page.h> is let through for XEN_PAGE_SIZE, <xen/interface/grant_table.h> for
# grant_ref_t: a constant and a type of the protocols.
xen_headers='#\s*include\s*<(xen/(xen|xenbus|events|grant_table|balloon|features|platform_pci)'
xen_headers+='|xen/interface/(event_channel|io/(ring|xenbus))|asm/xen/\w+)\.h>'

# local_includes FOLDER ALLOWED: what its files include in quotes that is neither
# in the file's own folder nor ALLOWED.
local_includes()
{
	local found file name

	code '#\s*include\s*"' "$1" | while read -r found; do
		file=${found%%:*}
		name=${found#*\"}
		name=${name%%\"*}
		if [[ $name == */* || ! -e ${file%/*}/$name ]] && [ "$name" != "$2" ]; then
			echo "$found"
		fi
	done
}

driver_includes()
{
	local folder

	for folder in drivers/*/; do
		local_includes "${folder%/}" xpv.h
	done | grep -v '"proto/[a-z]*\.h"'
}

# circles FOLDER: the names that include one another in a circle, given lines
# "FILE.[ch] INCLUDED.h" on standard input.
circles()
{
	local names

	names=$(sed -E 's/\.[ch]\b//g' | awk '$1 != $2' | sort -u | tsort 2>&1 >/dev/null |
		sed -n 's/^tsort: //p' | grep -v 'contains a loop' | sort -u | paste -sd ' ')
	[ -z "$names" ] || echo "$1: $names"
}

# Among headers; and among nouns, each with its .c and .h as one. A driver's header
# of types has its parts from theirs, whose .c files include it: that is no circle.
include_circles()
{
	local folder included

	for folder in common drivers/*/; do
		folder=${folder%/}
		included=$(code '#\s*include\s*"' "$folder" |
			sed -nE 's|^.*/([^/:]+):[0-9]+:.*"([^/"]+)".*|\1 \2|p')
		grep -E '^[^ ]+\.h ' <<<"$included" | circles "$folder"
		grep -vE "^(${folder##*/}|xpv)\.h " <<<"$included" | circles "$folder"
	done | sort -u
}

version_tests()
{
	{
		code '\b(LINUX_VERSION_CODE|KERNEL_VERSION|UTS_RELEASE)\b' common drivers
		code '#\s*include\s*<(linux/version|generated/utsrelease)\.h>' common drivers
	} | grep -v '^common/compat/'
}

long_files()
{
	find common drivers "$here/.." -name '*.mod.c' -o -path selftests/unit/build -prune -o \
		-type f \( -name '*.[ch]' -o -name '*.sh' -o -name '*.py' \) -exec wc -l {} + |
		awk '$2 != "total" && $1 > 800 { print $2 ": " $1 " lines" }'
}

# exports MACRO...: what is exported with these, as FILE:LINE: NAME.
exports()
{
	local macros

	macros=$(IFS='|'; echo "$*")
	sources common drivers | xargs -r grep -HnoE "^($macros)\([a-z0-9_]+" |
		sed -E 's/[A-Z_]+\(/ /'
}

# An exported function is explained where drivers find it, in a header. A variable, which
# the header declares extern, has no kernel-doc of this form.
undocumented()
{
	exports EXPORT_SYMBOL EXPORT_SYMBOL_GPL | while read -r where name; do
		if [[ $where == common/* ]] &&
		   ! grep -qE "^( \* $name\(\) - |extern const struct .* $name;)" common/*.h; then
			echo "$where $name: no kernel-doc in common/*.h"
		fi
	done
}

driver_exports()
{
	exports EXPORT_SYMBOL EXPORT_SYMBOL_GPL EXPORT_TRACEPOINT_SYMBOL_GPL | grep '^drivers/'
}

kernel_doc()
{
	local script

	script=${KDIR:-$(common/compat/kdir.sh find)}/scripts/kernel-doc
	if [ ! -e "$script" ]; then
		echo "$script is missing: give another KDIR"
		return
	fi
	sources common drivers | grep '\.h$' | xargs -r "$script" -none -Werror 2>&1
}

is_empty "layers: drivers call nothing of Xen but xpv_*" "$(code "$xen_calls" drivers)"
is_empty "layers: drivers include none of Xen's headers but the protocol's" \
	"$(code "$xen_headers" drivers)"
is_empty "layers: drivers include their own files, xpv.h and proto/" "$(driver_includes)"
is_empty "layers: common includes its own files" \
	"$(local_includes common config.h)"
is_empty "layers: no files include one another in a circle" "$(include_circles)"
is_empty "layers: kernel versions are tested in common/compat only" "$(version_tests)"
is_empty "layers: no BUG, BUG_ON or panic" \
	"$(code '\b(BUG|BUG_ON|panic|VM_BUG_ON\w*)\s*\(' common drivers)"
is_empty "layers: files of up to 800 lines" "$(long_files)"
is_empty "layers: drivers export nothing" "$(driver_exports)"
is_empty "layers: exported functions have kernel-doc" "$(undocumented)"
is_empty "layers: kernel-doc is well-formed" "$(kernel_doc)"
