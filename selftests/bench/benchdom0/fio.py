# SPDX-License-Identifier: GPL-2.0
"""The job of round trips: fio's network engine, 64 bytes there and back, again and again."""

PORT = 7001
STOP_SERVER = ("kill $(cat /tmp/rr.pid) 2>/dev/null; "
               "while pgrep -x fio >/dev/null; do sleep 0.1; done")


def _common(protocol, seconds, factor):
    argv = ["timeout", "-k", "2", str(seconds + 30 * factor), "fio", "--ioengine=net",
            f"--protocol={protocol}", f"--port={PORT}", "--bs=64", "--size=1t", "--pingpong=1",
            "--time_based"]
    return argv if protocol == "udp" else [*argv, "--nodelay=1"]


def server(protocol, seconds, factor):
    """The command of the far end. It ends with the connection, or, where there is none, by
    its run time."""
    listen = [] if protocol == "udp" else ["--listen"]
    return [*_common(protocol, seconds, factor), "--name=server", *listen, "--rw=read",
            f"--runtime={seconds + 20}"]


def client(protocol, seconds, factor):
    """The command of dom0."""
    return [*_common(protocol, seconds, factor), "--name=client", "--hostname=10.99.0.2",
            "--rw=write", f"--runtime={seconds}", "--percentile_list=50:99",
            "--output-format=json"]


def start_server(protocol, seconds, factor):
    """The shell command that starts the server and waits until it listens."""
    return f"""setsid {" ".join(server(protocol, seconds, factor))} >/tmp/rr.log 2>&1 </dev/null &
		echo $! >/tmp/rr.pid
		for ((i = 0; i < {200 * factor}; i++)); do
			[ -z "$(ss -Hln --{protocol} 'sport = :{PORT}')" ] || exit 0
			sleep 0.1
		done
		cat /tmp/rr.log
		exit 1"""


def run_round_trips(dom0, protocol, seconds):
    """Prints fio's JSON."""
    end = dom0.words("ends")[0]
    dom0.at(end, start_server(protocol, seconds, dom0.factor))
    try:
        dom0.run(*client(protocol, seconds, dom0.factor))
    finally:
        dom0.execute(dom0.argv_at(end, STOP_SERVER))
