#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Builds the RPM from this tree: rpm.sh FOLDER, where the .rpm ends up.
set -eu

tree=$(cd "$(dirname "$0")/.." && pwd)
out=${1:?usage: rpm.sh FOLDER}

if ! command -v rpmbuild >/dev/null; then
	echo "rpm.sh: rpmbuild is missing: apt-get install rpm (dnf install rpm-build)" >&2
	exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if ! rpmbuild -bb --define "_topdir $work" --define "xenpv_tree $tree" \
	--define "xenpv_version $("$tree/packaging/dkms.sh" version)" \
	"$tree/packaging/xenpv-dkms.spec" >"$work/log" 2>&1; then
	tail -n 30 "$work/log" >&2
	echo "rpm.sh: rpmbuild failed" >&2
	exit 1
fi
mkdir -p "$out"
cp "$work"/RPMS/noarch/*.rpm "$out/"
echo "built $(cd "$work/RPMS/noarch" && echo *.rpm) in $out"
