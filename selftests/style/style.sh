#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# How the sources read, in TAP: style.sh [CHECK...]; without a name all of them.
# What the compiler and sparse say is in selftests/build/compile.sh.
#
# Seen failing, and selftests/build/breach.sh repeats that every time: checkpatch
# with a line of 81 columns, shellcheck with an unquoted variable, codespell with
# a misspelt comment, clang-format with a space too many, licence with none, links
# with a document that names a file that there is not, words with a retired one in a
# comment, a message, a name and a document.
# tier: short
# timeout: 600
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib/tap.sh
. "$here/../lib/tap.sh"
cd "${XENPV_TREE:-$here/../..}" || exit 1

# sources PATTERN...: files of these names that people wrote.
sources()
{
	local args=(-false) pattern

	for pattern in "$@"; do
		args+=(-o -name "$pattern")
	done
	find . \( -name .git -o -path ./selftests/unit/build \) -prune -o \
		-type f \( "${args[@]}" \) ! -name '*.mod.c' ! -path ./common/compat/config.h \
		-print | sed 's|^\./||' | sort
}

# Shell scripts by name or by their first line.
scripts()
{
	sources '*' | while read -r file; do
		if [[ $file == *.sh ]] || head -c 64 "$file" | head -n 1 | tr -d '\0' |
			grep -Eq '^#! ?/(usr/)?bin/(env )?(ba)?sh'; then
			echo "$file"
		fi
	done
}

# found_program PROGRAM PACKAGE: prints what is missing.
found_program()
{
	if ! command -v "$1" >/dev/null; then
		echo "$1 is missing: sudo apt-get install $2"
		return 1
	fi
}

# patch OPTION...: checkpatch over the files on standard input. It reads its
# options in the current folder and leaves a file of its own there.
patch()
{
	local tree=$PWD

	sed "s|^|$tree/|" | (cd "$work" && xargs -r -n 6 -P "$(nproc)" \
		perl "$scripts/checkpatch.pl" --terse --show-types --no-summary --quiet \
		--root="$work" "$@" -f 2>&1) | sed "s|^$tree/||"
}

# Drops complaints about names in mixed case that the kernel's headers have.
own_names()
{
	local line name

	while read -r line; do
		name=$(sed -n 's/.*CAMELCASE: .*<\(.*\)>$/\1/p' <<<"$line")
		if [ -z "$name" ] || ! grep -rqw "$name" "$headers/include"; then
			echo "$line"
		fi
	done
}

# What checkpatch cannot know, besides .checkpatch.conf: TRACE_EVENT is laid out
# like a struct; programs for user space have no kernel types, no ARRAY_SIZE,
# positive errno, stdio and libraries with names in mixed case; a script's usage
# line has its own name, "mount -t proc proc" is no typing error, and what runs in
# the lab may
# be 132 columns wide. The stand-ins for the kernel's headers in unit/include
# define what it wants used instead.
checkpatch()
{
	local scripts work headers
	local user=PREFER_KERNEL_TYPES,ARRAY_SIZE,USE_NEGATIVE_ERRNO,VOLATILE
	user+=,NAKED_SSCANF,SSCANF_TO_KSTRTO,CAMELCASE

	found_program perl perl || return
	scripts=$("$here/kernel-scripts.sh") || {
		echo "no checkpatch.pl: see the message on standard error"
		return
	}
	headers=$(common/compat/probe.sh "${KDIR:-$(common/compat/kdir.sh find)}" |
		sed -n '1s/.* from \(.*\);.*/\1/p')
	work=$(mktemp -d)
	cp .checkpatch.conf "$work"
	mkdir "$work/include"
	{
		sources '*.[ch]' | grep -E '^(common|drivers)/' | grep -v 'trace\.h$' | patch
		sources '*trace.h' | grep -E '^(common|drivers)/' |
			patch --ignore OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT
		sources '*.[ch]' | grep '^selftests/' | grep -v '^selftests/unit/include/' |
			patch --max-line-length=132 --ignore "$user"
		scripts | patch --max-line-length=132 \
			--ignore EMBEDDED_FILENAME,REPEATED_WORD,SPDX_LICENSE_TAG
	} | sort -t : -k 1,1 -k 2,2n | own_names
	rm -rf "$work"
}

shellcheck_all()
{
	found_program shellcheck shellcheck || return
	scripts | xargs -r shellcheck -x -P SCRIPTDIR -f gcc 2>&1
}

codespell_all()
{
	found_program codespell codespell || return
	sources '*.[ch]' '*.sh' '*.py' '*.md' '*.txt' '*.mk' Makefile Kbuild |
		xargs -r codespell -q 3 -I "$here/words.txt" 2>&1
}

clang_format_all()
{
	found_program clang-format clang-format || return
	sources '*.[ch]' | grep -E '^(common|drivers)/' |
		xargs -r -n 8 -P "$(nproc)" "$here/clang-format.sh" 2>&1
}

licence()
{
	local tag=SPDX-License-Identifier file

	{ sources '*.[ch]' '*.sh' '*.py' '*.mk' Makefile Kbuild; scripts; } | sort -u |
		while read -r file; do
			if ! head -n 3 "$file" | grep -q "$tag: GPL-2.0"; then
				echo "$file:1: no $tag: GPL-2.0 in the first three lines"
			fi
		done
}

# Links and files that documents name.
links()
{
	sources '*.md' | xargs -r "$here/links.py" 2>&1
}

# Words of retired.txt.
words()
{
	{
		sources '*.[ch]' | grep -E '^(common|drivers)/'
		sources '*.md' | grep -v '^selftests/'
		sources 'xenpv*' | grep '^man/'
	} | xargs -r "$here/retired.py" "$here/retired.txt" 2>&1
}

all=(checkpatch shellcheck codespell clang-format licence links words)
for check in "${@:-${all[@]}}"; do
	case $check in
	checkpatch) found=$(checkpatch) ;;
	shellcheck) found=$(shellcheck_all) ;;
	codespell) found=$(codespell_all) ;;
	clang-format) found=$(clang_format_all) ;;
	licence) found=$(licence) ;;
	links) found=$(links) ;;
	words) found=$(words) ;;
	*) found="no such check: $check (${all[*]})" ;;
	esac
	is_empty "style: $check" "$found"
done
