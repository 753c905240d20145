# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What dkms-inside.sh and rpm-inside.sh share, in a chroot with one kernel, after
# tap.sh and with its folder in $here: to be sourced.

# What the results are named after.
what=$(basename "$0" -inside.sh)
# shellcheck disable=SC2154 # the caller's
if [ "$here" != /xenpv/selftests/build ]; then
	echo "$what-inside.sh: runs in a chroot only: use make check-$what" >&2
	exit 1
fi

modules=(xenpv-common xen-blkfront xen-blkback xen-netfront xen-netback)
release=$(ls /lib/modules)
log=/tmp/log

# Why the last build of dkms failed, if it did.
compiler_said()
{
	grep -h -A 3 'error:' /var/lib/dkms/xenpv/*/build/make.log 2>/dev/null | head -n 12
}

# does NAME COMMAND...: the command succeeds; its last lines if not.
does()
{
	local name=$1

	shift
	if "$@" >$log 2>&1; then
		is_empty "$what: $name" ""
	else
		is_empty "$what: $name" "$(echo "$* failed:"; tail -n 15 $log; compiler_said)"
	fi
}

# fails NAME TEXT COMMAND...: it does not, and says TEXT.
fails()
{
	local name=$1 text=$2

	shift 2
	if "$@" >$log 2>&1; then
		is_empty "$what: $name" "succeeds: $*"
	else
		is_empty "$what: $name" "$(grep -qF "$text" $log ||
			{ echo "no '$text' in:"; tail -n 15 $log; })"
	fi
}

# chosen NAME FOLDER: where the kernel takes its drivers from.
chosen()
{
	local module file found=

	for module in "${modules[@]}"; do
		file=$(modinfo -k "$release" -n "$module" 2>/dev/null)
		file=${file#"/lib/modules/$release/"}
		if [ "$2" = kernel ] && [ "$module" = xenpv-common ]; then
			[ -z "$file" ] || found+="$module: $file"$'\n'
		elif [[ $file != "$2/"* ]]; then
			found+="$module: $file"$'\n'
		fi
	done
	is_empty "$what: $1" "$found"
}

# Which key signed it, by its serial number and the name that documentation gives.
signed()
{
	local module key serial signer

	serial=$(openssl x509 -inform DER -in /var/lib/dkms/mok.pub -noout -serial)
	for module in "${modules[@]}"; do
		key=$(modinfo -k "$release" -F sig_key "$module" | tr -d :)
		if [ -z "$key" ] || [ "${serial#serial=}" != "$key" ]; then
			echo "$module: signed by '$key', dkms' key is $serial"
		fi
		signer=$(modinfo -k "$release" -F signer "$module")
		if [ "$signer" != "DKMS module signing key" ]; then
			echo "$module: the signer is '$signer'"
		fi
	done
}
