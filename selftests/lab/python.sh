# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
# Sourced by the commands that are Python (3, its standard library only): fetches the
# interpreter, which a bare Debian has not. $0 is what the user has called.
python=/usr/bin/python3

if [ ! -x "$python" ]; then
	if [ "$(id -u)" -ne 0 ]; then
		echo "${0##*/}: $python is missing and installing it needs root: run 'sudo $0 $*'" >&2
		exit 1
	fi
	if [ ! -x /usr/bin/apt-get ]; then
		echo "${0##*/}: $python is missing and there is no /usr/bin/apt-get to install it with" >&2
		exit 1
	fi
	echo "${0##*/}: installing python3" >&2
	export DEBIAN_FRONTEND=noninteractive
	apt-get -qq update >&2
	apt-get -qq install -y --no-install-recommends python3 >&2
fi
export PYTHONDONTWRITEBYTECODE=1
