# SPDX-License-Identifier: GPL-2.0
"""The block jobs: fio on a null_blk and on a RAM disk."""

from .job import Job, fio_result

# What QUICK=1 takes.
QUICK = ["blk.null.randread.4k.d1.j1.n1", "blk.null.randread.4k.d32.j1.n1",
         "blk.null.randwrite.4k.d32.j1.n1", "blk.null.read.128k.d8.j1.n1"]
# And a whole run in every place, under every contender.
CORE = [*QUICK, "blk.null.randwrite.4k.d1.j1.n1", "blk.null.write.128k.d8.j1.n1",
        "blk.null.read.1M.d8.j1.n1", "blk.null.randread.4k.d32.j2.n1",
        "blk.cached.randwrite-fsync.4k.d1.j1.n1"]


def _job(disk, work, size, depth, jobs=1, number=1, more=""):
    name = f"blk.{disk}.{work}.{size}.d{depth}.j{jobs}.n{number}"
    kind, _, rest = work.partition("-")
    if depth > 1:
        # A PV guest's clock is a system call, several for each request: only where it
        # is latencies that are asked for.
        more += " --gtod_reduce=1"
    fio = (f"fio --name=global --ioengine=libaio --direct=1 --rw={kind} --bs={size} "
           f"--iodepth={depth} --numjobs={jobs} --time_based "
           f"--randrepeat=0 --norandommap --group_reporting "
           f"--percentile_list=50:99 --output-format=json {more}")

    def command(place, devices, seconds):
        names = " ".join(f"--name={dev.rpartition('/')[2]} --filename={dev}" for dev in devices)
        end = "g1" if place in ("pv", "pvh") else "dom0"
        return ["at", end, f"{fio} --runtime={seconds} {names}"]

    def thread(devices, seconds):
        # fio's second job on a disk has a thread of its own as well
        return ["thread", str(seconds), kind, size, str(depth), *(devices * jobs)]

    figures = ("MiB/s",) if size != "4k" else ("IOPS", "p99") if depth == 1 else ("IOPS",)
    group = f"{disk}: 4k {work}"
    label = f"d{depth} j{jobs}" if number == 1 else f"{number} vbds"
    if kind in ("read", "write"):
        group, label = f"{disk}: sequential", f"{kind} {size}"
    elif rest or kind == "randrw":
        group, label = f"{disk}: mixed and fsync", work
    elif number > 1:
        group, label = f"{disk}: several vbds, 4k", f"{kind} {number} vbds"
    return Job(name, ("blk", disk, number), group, label, figures, name in QUICK,
               name in CORE, command, lambda text, seconds: fio_result(text),
               None if rest or kind == "randrw" else thread)


def jobs():
    """All block jobs."""
    for disk in "null", "ram":
        for work in "randread", "randwrite":
            for depth in 1, 8, 32, 128:
                for number in 1, 2:
                    yield _job(disk, work, "4k", depth, number)
        for size in "64k", "128k", "1M":
            for work in "read", "write":
                yield _job(disk, work, size, 8)
        yield _job(disk, "randrw-70", "4k", 32, more="--rwmixread=70")
    # a disk with a volatile cache, so that every fsync is a flush for the backend
    yield _job("cached", "randwrite-fsync", "4k", 1, more="--fsync=1")
    # a disk that interrupts when it is done
    for depth in 1, 8:
        yield _job("timed", "randread", "4k", depth)
    for number in 4, 16:
        for work in "randread", "randwrite":
            yield _job("null", work, "4k", 32, number=number)
