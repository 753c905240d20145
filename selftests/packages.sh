#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Installs the Debian packages that suites need: packages.sh SUITE...
# Says what it installs; says which are missing where it may not. Silent and
# quick where all are there.
set -euo pipefail

list=$(dirname "$0")/packages.txt

# wanted SUITE...: the packages of these suites.
wanted()
{
	local package suites suite

	while read -r package suites _; do
		for suite in "$@"; do
			if [[ ,$suites, == *",$suite,"* ]]; then
				echo "$package"
				break
			fi
		done
	done < <(grep -v '^#' "$list")
}

# missing PACKAGE...: those that are not installed.
missing()
{
	local have package

	have=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
	for package in "$@"; do
		if ! grep -qx "$package installed" <<<"$have"; then
			echo "$package"
		fi
	done
}

# apt ARGUMENT...: waits for another apt-get, speaks only when it fails.
apt()
{
	local log

	if ! log=$(DEBIAN_FRONTEND=noninteractive \
		apt-get -q -o DPkg::Lock::Timeout=600 "$@" 2>&1); then
		tail -n 20 <<<"$log" | sed 's/^/    /' >&2
		echo "packages.sh: 'apt-get $1' failed" >&2
		return 1
	fi
}

if ! command -v dpkg-query >/dev/null; then
	echo "packages.sh: not a Debian, nothing installed; see $list for what is needed" >&2
	exit 0
fi
mapfile -t packages < <(wanted "$@")
if [ ${#packages[@]} -gt 0 ]; then
	mapfile -t packages < <(missing "${packages[@]}")
fi
if [ ${#packages[@]} -eq 0 ]; then
	exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
	echo "packages.sh: missing packages: sudo apt-get install ${packages[*]}" >&2
	exit 1
fi
echo "packages.sh: apt-get update; apt-get install ${packages[*]}" >&2
apt update
apt install -y --no-install-recommends "${packages[@]}"
