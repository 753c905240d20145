# SPDX-License-Identifier: GPL-2.0
"""The jobs of TCP streams: iperf3's JSON."""

import subprocess

from .dom0 import Failed, shown


def client(way, seconds, streams, link):
    """The command for one link, in dom0: "to" the far end, or "from" it."""
    argv = ["iperf3", "-J", "-i", "0", "-c", f"10.99.{link}.2", "-p", str(5201 + link),
            "-t", str(seconds), "-P", str(streams)]
    return [*argv, "-R"] if way == "from" else argv


def guests_client(seconds, streams):
    """The shell command of the first far end for streams to the second."""
    return f"iperf3 -J -i 0 -c 10.99.100.3 -p 5202 -t {seconds} -P {streams}"


def run(dom0, way, seconds, streams, links):
    """Streams over all links at once; prints one JSON for each."""
    commands = [client(way, seconds, streams, link) for link in range(links)]
    running = [dom0.start(argv, stdout=subprocess.PIPE) for argv in commands]
    failed = None
    for argv, process in zip(commands, running):
        print(process.communicate()[0], end="", flush=True)
        if process.returncode:
            failed = failed or f"{shown(argv)}: status {process.returncode}"
    if failed:
        raise Failed(failed)


def run_guests(dom0, seconds, streams):
    """Streams from the first far end to the second."""
    dom0.at(dom0.words("ends")[0], guests_client(seconds, streams))
