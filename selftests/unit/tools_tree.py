# SPDX-License-Identifier: GPL-2.0
"""A made-up /sys and /proc with devices of all four drivers, for tools_test.py. The texts
are laid out as common/debugfs.c and the drivers print them."""

QUEUE = """\
queue {index}:
  ring-ref: pages 16 slots 512 prod {prod} cons {cons} pushed {prod}
    events 12 spurious 1 notifies 10
  slots_taken: 100
  stalls: {stalls}
  bad_entries: {bad}
  reads: {reads}
  writes: {writes}
  flushes: 3
  barriers: 1
  discards: 2
  read_sectors: 80
  write_sectors: 16
  read_bytes: 40960
  write_bytes: 8192
  errors: {errors}
  refused_read_only: 0
  rate_limited: 5
"""
BACK_QUEUE = QUEUE + """\
  outstanding: {outstanding}
  persistent_grants: 44
  read_latency_below_us: {hist}
  write_latency_below_us:
  other_latency_below_us: 32:1
"""
STATE = """\
phase: {phase}
peer domain: {peer}
broken: 0
violations: {violations}
complaints: 0
pages quarantined: 1
pages lost: 0
disk: 8:16
"""
NET_QUEUE = """\
queue {index}:
  tx-ring-ref: pages 1 slots 256 prod {prod} cons {cons} pushed {prod}
    events 1 spurious 0 notifies 1
  rx-ring-ref: pages 1 slots 256 prod 256 cons 0 pushed 256
    events 1 spurious 0 notifies 1
  bad_entries: 0
  rx_packets: 70
  rx_bytes: 7000
  rx_errors: 1
  rx_dropped: 2
  rx_limited: 9
  tx_packets: 30
  tx_bytes: 3000
  tx_errors: 0
  tx_expired: 4
  tx_dropped: 5
"""
IO_RING = """\
Queue {index}
TX: nr_ents 256, req cons 5, rsp prod 5, pushed 5
  NAPI state: 10, taken 0, answered 0, waits for credit 0
RX: nr_ents 256, req cons 7, rsp prod 7, pushed 7
  queued {packets} packets, 9000 bytes; need 3 slots, starved 1, stalled 0
"""
INTERFACE = {"rx_packets": 70, "rx_bytes": 7000, "rx_errors": 1, "rx_dropped": 2,
             "tx_packets": 30, "tx_bytes": 3000, "tx_errors": 0, "tx_dropped": 9}
BLKBACK = {"rd_req": 10, "wr_req": 2, "f_req": 4, "ds_req": 2, "oo_req": 6, "rd_sect": 80, "wr_sect": 16}
# reads, merged, sectors, ms, writes, merged, sectors, ms, in flight, ms, ms,
# discards, merged, sectors, ms, flushes, ms
BLKSTAT = [20, 0, 160, 50, 4, 0, 32, 30, 3, 70, 80, 1, 0, 8, 0, 6, 1]


class Tree:
    """Makes and changes the files below a root."""

    def __init__(self, root):
        self.root = root
        self.put("proc/mounts", "debugfs /sys/kernel/debug debugfs rw 0 0\n")
        (root / "sys/kernel/debug/xenpv").mkdir(parents=True)

    def put(self, path, text):
        """A file with its folders."""
        path = self.root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text if isinstance(text, str) else f"{text}\n", encoding="utf-8")

    def load(self, driver, ours=True):
        """The driver's module; the kernel's own has no xenpv-common below it."""
        module = driver.replace("-", "_")
        (self.root / "sys/module" / module).mkdir(parents=True)
        if ours:
            self.put(f"sys/module/xenpv_common/holders/{module}/x", "")
            (self.root / "sys/kernel/debug/xenpv" / driver).mkdir()

    def _debug(self, driver, name, state, queues):
        where = f"sys/kernel/debug/xenpv/{driver}/{name}"
        self.put(f"{where}/state", STATE.format(**{"phase": "live", "violations": 0, **state}))
        self.put(f"{where}/queues", queues)

    def blkback(self, domain=1, number=51712, statistics=(), hists=("16:7 1048:2 32:1", "16:10"), errors=1, **state):
        """A disk's backend of two queues."""
        name = f"vbd-{domain}-{number}"
        for key, value in {**BLKBACK, **dict(statistics)}.items():
            self.put(f"sys/bus/xen-backend/devices/{name}/statistics/{key}", value)
        self._debug("xen-blkback", name, {"peer": domain, **state}, "".join(
            BACK_QUEUE.format(index=i, prod=0, cons=0, stalls=3, bad=2, reads=5, writes=1,
                              errors=errors, outstanding=4, hist=hist) for i, hist in enumerate(hists)))

    def blkfront(self, number=51728, disk="xvdb", stat=BLKSTAT):
        """A disk's frontend; its ring's indices have wrapped."""
        name = f"vbd-{number}"
        self.put(f"sys/bus/xen/devices/{name}/block/{disk}/stat", " ".join(map(str, stat)))
        self._debug("xen-blkfront", name, {"peer": 0}, QUEUE.format(
            index=0, prod=2, cons=4294967294, stalls=0, bad=0, reads=20, writes=4, errors=0))

    def netback(self, domain=1, handle=0, interface=(), visible=True):
        """A card's backend of two queues."""
        name, vif = f"vif-{domain}-{handle}", f"vif{domain}.{handle}"
        self.put(f"sys/bus/xen-backend/devices/{name}/devtype", "vif")
        for key, value in {**INTERFACE, **dict(interface)}.items() if visible else ():
            self.put(f"sys/bus/xen-backend/devices/{name}/net/{vif}/statistics/{key}", value)
        self._debug("xen-netback", name, {"peer": domain},
                    "".join(NET_QUEUE.format(index=i, prod=5, cons=5) for i in range(2)))
        for i in range(2):
            self.put(f"sys/kernel/debug/xen-netback/{vif}/io_ring_q{i}", IO_RING.format(index=i, packets=20 + i))

    def netfront(self, handle=0):
        """A card's frontend."""
        for key, value in INTERFACE.items():
            self.put(f"sys/bus/xen/devices/vif-{handle}/net/eth{handle}/statistics/{key}", value)
        self._debug("xen-netfront", f"vif-{handle}", {"peer": 2}, NET_QUEUE.format(index=0, prod=9, cons=4))
