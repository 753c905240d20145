#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Builds the Debian package from a copy of this tree: deb.sh FOLDER, where the
# .deb ends up.
set -eu

tree=$(cd "$(dirname "$0")/.." && pwd)
out=${1:?usage: deb.sh FOLDER}

if ! command -v dpkg-buildpackage >/dev/null; then
	echo "deb.sh: dpkg-buildpackage is missing: apt-get install dpkg-dev debhelper dh-dkms" >&2
	exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$tree/packaging/dkms.sh" source "$work/xenpv"
cp -r "$tree/debian" "$tree/packaging" "$tree/man" "$tree/docs" "$tree/tools" \
	"$tree/contrib" "$tree/README.md" \
	"$tree/CHANGELOG.md" "$tree/SECURITY.md" "$work/xenpv/"
# -d: nothing is compiled, so build-essential need not be there.
if ! (cd "$work/xenpv" && dpkg-buildpackage -d -b -uc -us) >"$work/log" 2>&1; then
	tail -n 30 "$work/log" >&2
	echo "deb.sh: dpkg-buildpackage failed" >&2
	exit 1
fi
mkdir -p "$out"
cp "$work"/*.deb "$out/"
echo "built $(cd "$work" && echo *.deb) in $out"
