# SPDX-License-Identifier: GPL-2.0
"""The hypercalls in a trace of xentrace, by name, as "hypercalls NAME N" lines.

They are those of all domains together: Xen counts them, and so for any driver alike. Records
are described in Xen's public header trace.h. PV guests' calls are traced at their entry, and
each call inside a multicall again; those of PVH guests at their handler, beside all their
exits.
"""

import collections
import struct

# By number, from Xen's public header xen.h; those that drivers cause.
NAMES = {1: "mmu_update", 5: "fpu_taskswitch", 3: "stack_switch", 13: "multicall",
         14: "update_va_mapping", 15: "set_timer", 20: "grant_table", 23: "iret", 24: "vcpu",
         26: "mmuext", 29: "sched", 32: "event_channel", 12: "memory"}
# Events, without the bit that says "of 64 bits".
WIDE = 0x100
LOST, PV, PV_INSIDE, HVM, EXIT = 0x1f001, 0x20100d, 0x20200e, 0x82012, 0x81002


def records(data):
    """(event, words) of each record."""
    at = 0
    while at + 4 <= len(data):
        head, = struct.unpack_from("<I", data, at)
        words, timed = head >> 28 & 7, head >> 31
        at += 4 + 8 * timed
        if at + 4 * words > len(data):
            return
        yield head & 0xfffffff, struct.unpack_from(f"<{words}I", data, at)
        at += 4 * words


def count(data):
    """{name: number} of the hypercalls in a trace, and of lost records."""
    found = collections.Counter()
    for event, words in records(data):
        event &= ~WIDE
        if event == LOST and words:
            found["(records lost)"] += words[0]
        elif event in (PV, PV_INSIDE, HVM) and words:
            # above the number are flags for which arguments follow
            number = words[0] & 0xfffff
            found[NAMES.get(number, f"number_{number}")] += 1
        elif event == EXIT:
            found["(exits of PVH guests)"] += 1
    return found


def text(data):
    """The lines for a trace."""
    return "".join(f"hypercalls {name.replace(' ', '-')} {number}\n"
                   for name, number in sorted(count(data).items()))
