#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Has QEMU put an HVM guest's kernel and initramfs where they are to be.

hvm-boot.py KERNEL RAMDISK FOLDER writes two files and prints lines of an xl
configuration. By itself QEMU's boot code reads both through an I/O port, byte by
byte, which under TCG takes minutes. So it is given only the kernel's real-mode
setup, whose header says where the rest is (the kernel's Documentation/arch/x86/boot.rst);
QEMU's loader devices copy that before the guest starts.
"""

import struct
import sys
from pathlib import Path

# Above what hvmloader and the BIOS use; the kernel unpacks itself between.
KERNEL_AT, RAMDISK_AT = 32 << 20, 160 << 20


def main(kernel, ramdisk, folder):
    """Splits the bzImage."""
    image = bytearray(Path(kernel).read_bytes())
    if image[0x202:0x206] != b"HdrS":
        sys.exit(f"hvm-boot.py: {kernel} is no bzImage")
    setup_size = ((image[0x1f1] or 4) + 1) * 512
    struct.pack_into("<III", image, 0x214, KERNEL_AT, RAMDISK_AT, Path(ramdisk).stat().st_size)
    # The highest address of an initramfs. Where it is that of QEMU's own one, of
    # which there is none, QEMU's boot code leaves the header as it is.
    struct.pack_into("<I", image, 0x22c, 0)
    setup, rest = Path(folder) / "setup", Path(folder) / "kernel"
    setup.write_bytes(image[:setup_size])
    rest.write_bytes(image[setup_size:])
    loaders = [f'"-device", "loader,file={file},addr={address},force-raw=on"'
               for file, address in ((rest, KERNEL_AT), (ramdisk, RAMDISK_AT))]
    print(f'kernel = "{setup}"')
    print(f"device_model_args_hvm = [ {', '.join(loaders)} ]")


main(*sys.argv[1:])
