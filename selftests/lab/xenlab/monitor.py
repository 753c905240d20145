# SPDX-License-Identifier: GPL-2.0
"""QEMU's monitor, by QMP (QEMU's docs/interop/qmp-spec)."""

import json
import os
import socket

from .say import LabError


def connect(folder, name):
    """A connection to a socket in a folder, whose path may be too long for an address."""
    conn = socket.socket(socket.AF_UNIX)
    here = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        conn.connect(f"/proc/self/fd/{here}/{name}")
    except OSError:
        conn.close()
        raise
    finally:
        os.close(here)
    return conn


class Monitor:
    """A connection to one machine's."""

    def __init__(self, machine):
        try:
            conn = connect(machine.dir, "qmp.sock")
        except OSError as err:
            raise LabError(f"no monitor of QEMU at {machine.dir}/qmp.sock: {err}") from None
        self.file = conn.makefile("rw")
        self.file.readline()
        self.ask("qmp_capabilities")

    def ask(self, command, **arguments):
        """One command's answer."""
        print(json.dumps({"execute": command, "arguments": arguments}), file=self.file, flush=True)
        while True:
            line = self.file.readline()
            if not line:
                raise LabError("QEMU's monitor: QEMU has ended")
            answer = json.loads(line)
            if "error" in answer:
                raise LabError(f"QEMU's monitor: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]
