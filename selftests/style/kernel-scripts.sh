#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Prints the folder of checkpatch.pl and its word lists. Debian has them only in
# the kernel's source package (139 MB), of which four files are kept in
# ${XENPV_CACHE:-~/.cache/xenpv}/kernel-scripts/VERSION; delete it to refresh.
set -euo pipefail

package=linux-source-6.1
files=(checkpatch.pl spelling.txt const_structs.checkpatch)
cache=${XENPV_CACHE:-$HOME/.cache/xenpv}/kernel-scripts

# The newest that is complete: a folder gets its name when it is.
newest()
{
	local folder

	for folder in "$cache"/[0-9]*; do
		if [ -e "$folder/checkpatch.pl" ]; then
			echo "$folder"
		fi
	done | sort -V | tail -n 1
}

fetch()
{
	local deb version

	if ! command -v apt-get >/dev/null; then
		echo "kernel-scripts.sh: no apt-get: put the kernel's scripts/checkpatch.pl," \
			"spelling.txt and const_structs.checkpatch into $cache/1/" >&2
		return 1
	fi
	if [ "$(id -u)" -eq 0 ] && ! apt-cache show $package >/dev/null 2>&1; then
		apt-get -qq update >&2
	fi
	echo "kernel-scripts.sh: fetching $package (139 MB) for checkpatch.pl" >&2
	# The folder belongs to root: no changing to another user to write there.
	(cd "$tmp" && apt-get -qq -o APT::Sandbox::User=root download $package >&2) || {
		echo "kernel-scripts.sh: 'apt-get download $package' failed" >&2
		return 1
	}
	deb=$(echo "$tmp"/*.deb)
	version=$(dpkg-deb -f "$deb" Version)
	dpkg-deb -x "$deb" "$tmp/deb"
	mkdir "$tmp/scripts"
	tar -xJf "$tmp/deb/usr/src/$package.tar.xz" -C "$tmp/scripts" --strip-components=2 \
		"${files[@]/#/$package/scripts/}"
	rm -rf "${cache:?}/$version"
	mv "$tmp/scripts" "$cache/$version"
}

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
found=$(newest)
if [ -z "$found" ]; then
	tmp=$(mktemp -d "$cache/tmp.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	fetch
	found=$(newest)
fi
echo "$found"
