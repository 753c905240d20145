# SPDX-License-Identifier: GPL-2.0
"""Takes the ELF kernel out of a bzImage: Xen then has nothing to decompress,
which under TCG saves seconds at every boot of dom0 and of a guest."""

import gzip
import lzma
import struct
import subprocess

from .say import LabError


def unpack(path):
    """The uncompressed ELF of a kernel image."""
    data = path.read_bytes()
    if data[0x1FE:0x200] != b"\x55\xaa" or data[0x202:0x206] != b"HdrS":
        raise LabError(f"{path}: not a bzImage")
    sectors = data[0x1F1] or 4
    offset, length = struct.unpack_from("<II", data, 0x248)
    start = (sectors + 1) * 512 + offset
    payload = data[start:start + length]
    if payload[:6] == b"\xfd7zXZ\x00":
        return lzma.LZMADecompressor().decompress(payload)
    if payload[:2] == b"\x1f\x8b":
        return gzip.decompress(payload)
    if payload[:4] == b"\x28\xb5\x2f\xfd":
        # the size of what is unpacked is appended
        data = subprocess.run(["zstd", "-dc"], input=payload[:-4], stdout=subprocess.PIPE,
                              check=False).stdout
        if len(data) != struct.unpack("<I", payload[-4:])[0]:
            raise LabError(f"{path}: zstd cannot unpack it")
        return data
    raise LabError(f"{path}: its payload is compressed in an unknown way ({payload[:6].hex()})")
