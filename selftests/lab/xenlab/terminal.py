# SPDX-License-Identifier: GPL-2.0
"""The user's terminal joined to a console socket."""

import os
import select
import sys
import termios
import tty

LEAVE = b"\x1d"  # Ctrl-]


def attach(conn):
    """Copies bytes both ways until Ctrl-], end of input or of the console."""
    print("lab: console of Xen and dom0; leave with Ctrl-], Ctrl-a three times switches "
          "the input between dom0 and Xen", file=sys.stderr)
    is_tty = os.isatty(0)
    old = termios.tcgetattr(0) if is_tty else None
    if is_tty:
        tty.setraw(0)
    try:
        copy(conn)
    finally:
        if is_tty:
            termios.tcsetattr(0, termios.TCSADRAIN, old)
        conn.close()
    return 0


def copy(conn):
    """The loop of attach()."""
    inputs = [conn, 0]
    while conn in inputs:
        ready, _, _ = select.select(inputs, [], [], 2 if 0 not in inputs else None)
        if not ready:
            return  # piped input has ended and the console is quiet
        if conn in ready:
            data = conn.recv(65536)
            if not data:
                return
            os.write(1, data)
        if 0 in ready:
            data = os.read(0, 4096)
            if LEAVE in data:
                return
            if data:
                conn.sendall(data)
            else:
                inputs.remove(0)
