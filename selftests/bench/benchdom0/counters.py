# SPDX-License-Identifier: GPL-2.0
"""What is read before and after a job, in dom0 and in guests, which have no Python: events,
what our drivers count, memory, wake-ups."""

import re
from pathlib import Path

PROC = Path("/proc")
# The kernel's own memory in KiB: not what processes and the page cache have.
MEMORY = r'''echo 3 >/proc/sys/vm/drop_caches; sleep 0.5; awk "/^MemTotal/ { n += \$2 }
	/^(MemFree|Buffers|Cached|AnonPages):/ { n -= \$2 } END { print n }" /proc/meminfo'''
# Events received by the drivers of a domain, whoever's they are, and all that ours count,
# summed over devices and queues: lines of NAME NUMBER.
COUNTERS = r'''awk "/xen-dyn/ && \$NF !~ /^(xenbus|evtchn|hvc)/ {
		for (i = 2; \$i ~ /^[0-9]+\$/; i++) n += \$i
	} END { print \"events\", n + 0 }" /proc/interrupts
	mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug
	[ ! -d /sys/kernel/debug/xenpv ] || awk "
		{ split(FILENAME, part, \"/\"); driver = part[6] }
		/^    events / { n[driver \".events\"] += \$2; n[driver \".notifies\"] += \$6 }
		# what grows; the two others say how many there are just now
		/^  [a-z_:, -]+: [0-9]+\$/ && !/^  (outstanding|persistent_grants):/ {
			value = \$NF; sub(/: [0-9]+\$/, \"\"); sub(/^  /, \"\"); gsub(/[^a-z]+/, \"_\")
			n[driver \".\" \$0] += value
		}
		END { for (i in n) print i, n[i] }" /dev/null /sys/kernel/debug/xenpv/*/*/queues 2>/dev/null
	true'''
# blkback's threads (ours and the kernel's): 1.xvda-0, and netback's: vif1.0-q0-guest-rx
BACKEND_THREAD = re.compile(r"[0-9]+\.xvd|vif[0-9]+\.[0-9]+-")


def named(domain, text):
    """The lines of a domain's counters, each with its name before it."""
    return "".join(f"{domain} {line}\n" for line in text.splitlines())


def read(dom0):
    """The counters of dom0 and of the guests that are counted."""
    return "".join(named(end, dom0.ask_at(end, COUNTERS)) for end in ["dom0", *dom0.counted])


def events(text):
    """The events in what read() answers, of all domains."""
    lines = [line.split() for line in text.splitlines()]
    return sum(int(words[2]) for words in lines if len(words) > 2 and words[1] == "events")


def switches(status):
    """How often a thread has run, of its file status in /proc."""
    return sum(map(int, re.findall(r"ctxt_switches:\s*(\d+)", status)))


def thread_switches(proc=PROC):
    """How often the backends' threads have run."""
    total = 0
    for path in proc.glob("[0-9]*"):
        try:
            if BACKEND_THREAD.match((path / "comm").read_text(errors="replace")):
                total += switches((path / "status").read_text(errors="replace"))
        except OSError:  # it has ended meanwhile
            continue
    return total


def wakeups(dom0):
    """How often the backends' threads have run and an end had an event."""
    return thread_switches() + events(read(dom0))


def memory(dom0, domain):
    """KiB that the kernels of both ends have."""
    ends = ["dom0"] if domain == "0" else ["dom0", domain]
    return sum(int(dom0.output_at(end, MEMORY)) for end in ends)
