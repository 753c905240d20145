#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A kernel with module.sig_enforce=1 and our modules, in TAP: make check-signed. They are
# refused as long as they are not signed or their key is not enrolled, and loaded with
# the key enrolled, which is made as dkms makes its own. In plain QEMU with UEFI
# firmware, since Xen's PV and PVH guests have none. The key is enrolled into the
# firmware's db: without Secure Boot Debian's kernel passes MokListRT over.
# The kernel is the lab's, and so are the modules.
#
# Seen failing: the last two with the key in MokListRT.
# tier: deep
# timeout: 900
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
# shellcheck source=selftests/lib/tap.sh
. "$here/../lib/tap.sh"
cd "$here/../.." || exit 1

firmware=/usr/share/OVMF
kdir=$(selftests/lab/lab kdir) || exit 1
chroot=${kdir%/kernel/*}/root
release=$(ls "$chroot/lib/modules")
image=$(selftests/lab/lab build 2>&1 | sed -n 's/.*images: //p')

# What enrolls an X.509 certificate when it is written to efivarfs: the variable's
# attributes, EFI_VARIABLE_AUTHENTICATION_2 without a signature, which firmware in its
# setup mode does not ask for, and EFI_SIGNATURE_LIST.
enrollment()
{
	python3 - "$1" <<-'END'
		import struct, sys, uuid
		def guid(text):
		    return uuid.UUID(text).bytes_le
		cert = open(sys.argv[1], "rb").read()
		when = struct.pack("<H5B8x", 2026, 11, 22, 0, 0, 0) + bytes(1)
		sys.stdout.buffer.write(
		    struct.pack("<I", 0x27) + when +
		    struct.pack("<IHH", 24, 0x200, 0xef1) + guid("4aafd29d-68df-49ee-8aa9-347d375665a7") +
		    guid("a5c059a1-94e4-4aa7-87b5-ab155c2bf072") +
		    struct.pack("<III", 28 + 16 + len(cert), 0, 16 + len(cert)) + bytes(16) + cert)
	END
}

make_key()
{
	openssl req -new -x509 -nodes -days 36500 -subj "/CN=DKMS module signing key" \
		-newkey rsa:2048 -keyout "$work/mok.key" -outform DER -out "$work/mok.pub" 2>/dev/null
}

# What the machine runs as its init; each line with a # is a result for us.
init()
{
	cat <<-'END'
		#!/bin/bash
		export PATH=/usr/sbin:/usr/bin
		mount -t proc proc /proc
		mount -t sysfs sys /sys
		try() {
			local said
			said=$(insmod "/signed/$1/$2.ko" 2>&1) && said=loaded
			echo "# $1 $2: $said"
		}
		insmod /signed/efivarfs.ko && mount -t efivarfs e /sys/firmware/efi/efivars &&
			echo "# the kernel's own module: loaded"
		try plain xenpv-common
		try signed xenpv-common
		try signed xen-blkfront
		db=/sys/firmware/efi/efivars/db-d719b2cb-3d3a-4596-a3bc-dad00e67656f
		[ -e $db ] || cat /signed/enrollment >$db
		sync
		echo o >/proc/sysrq-trigger
		sleep 60
	END
}

# The lab's guest, with that in it.
make_root()
{
	local name tree=$work/tree/signed

	mkdir -p "$tree/plain" "$tree/signed"
	init >"$tree/init"
	chmod +x "$tree/init"
	enrollment "$work/mok.pub" >"$tree/enrollment"
	cp "$chroot/lib/modules/$release/kernel/fs/efivarfs/efivarfs.ko" "$tree/"
	for name in common/xenpv-common drivers/blkfront/xen-blkfront; do
		cp $name.ko "$tree/plain/"
		strip --strip-debug -o "$tree/signed/${name##*/}.ko" $name.ko
		"$kdir/scripts/sign-file" sha256 \
			"$work/mok.key" "$work/mok.pub" "$tree/signed/${name##*/}.ko" || return
	done
	{
		cat "$image/guest.cpio"
		(cd "$work/tree" && find signed | cpio -o -H newc --quiet)
	} >"$work/root.cpio"
}

# boot NAME: what the machine's init said is in $work/NAME then.
boot()
{
	timeout 300 qemu-system-x86_64 -machine q35,smm=on -m 1G -cpu max -display none \
		-nodefaults -no-reboot -global driver=cfi.pflash01,property=secure,value=on -serial "file:$work/console" \
		-drive "if=pflash,format=raw,readonly=on,file=$firmware/OVMF_CODE_4M.secboot.fd" \
		-drive "if=pflash,format=raw,file=$work/vars.fd" \
		-kernel "$chroot/boot/vmlinuz-$release" -initrd "$work/root.cpio" \
		-append "console=ttyS0 rdinit=/signed/init module.sig_enforce=1 mitigations=off"
	tr -d '\r' <"$work/console" >"$work/$1"
}

# said NAME LINE: it is among what that boot said; what it said if not.
said()
{
	grep -qxF "# $2" "$work/$1" || grep -aE '^# |panic|rror' "$work/$1" | tail -n 20 |
		grep . || echo "it said nothing"
}

work=$(mktemp -d)
at_exit rm -rf "$work"
refused="insmod: ERROR: could not insert module"
make_key && make_root || exit 1
cp "$firmware/OVMF_VARS_4M.fd" "$work/vars.fd"
boot before
boot after
is_empty "signed: the kernel's own module is loaded" "$(said before "the kernel's own module: loaded")"
is_empty "signed: ours is refused without a signature" "$(said before \
	"plain xenpv-common: $refused /signed/plain/xenpv-common.ko: Key was rejected by service")"
is_empty "signed: ours is refused while its key is not enrolled" "$(said before \
	"signed xenpv-common: $refused /signed/signed/xenpv-common.ko: Key was rejected by service")"
is_empty "signed: with the key enrolled it is still refused without a signature" "$(said after \
	"plain xenpv-common: $refused /signed/plain/xenpv-common.ko: Key was rejected by service")"
is_empty "signed: with the key enrolled it is loaded" "$(said after "signed xenpv-common: loaded")"
# It is no Xen: a driver that was let in says that.
is_empty "signed: and so is xen-blkfront, as far as it goes without Xen" "$(said after \
	"signed xen-blkfront: $refused /signed/signed/xen-blkfront.ko: No such device")"
