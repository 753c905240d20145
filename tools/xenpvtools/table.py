# SPDX-License-Identifier: GPL-2.0
"""The two tables, of disks and of cards: columns, sorting, and how numbers are written."""

from collections import namedtuple

# value: of a Rates. form: how it is written on the screen. In batch mode numbers are
# plain: per second, microseconds for times.
Column = namedtuple("Column", "title width value form")

NONE = "-"


def scaled(number):
    """Six characters at most: 1234, 12.3K, 4.5M, in powers of 1000."""
    if number is None:
        return NONE
    if number < 9999.5:
        return f"{number:.0f}"
    for unit in "KMGTPE":
        number /= 1000
        if number < 99.95:
            return f"{number:.1f}{unit}"
        if number < 999.5 or unit == "E":
            return f"{number:.0f}{unit}"
    return NONE


def duration(seconds):
    """Five characters at most: 85us, 1.2ms, 340ms, 4.3s."""
    if seconds is None:
        return NONE
    for factor, unit in ((1e6, "us"), (1e3, "ms")):
        if seconds * factor < 9.95:
            return f"{seconds * factor:.1f}{unit}"
        if seconds * factor < 999.5:
            return f"{seconds * factor:.0f}{unit}"
    return f"{seconds:.1f}s"


def plain(number):
    """For batch mode."""
    return NONE if number is None else f"{number:.0f}"


def plain_us(seconds):
    """Microseconds, for batch mode."""
    return NONE if seconds is None else f"{seconds * 1e6:.0f}"


def rate(title, name, width=6):
    """A column of one counter's rate."""
    return Column(title, width, lambda rates: rates.per_second.get(name), scaled)


DISKS = [
    rate("READ/s", "reads"),
    rate("WRIT/s", "writes"),
    rate("RDB/s", "read_bytes"),
    rate("WRB/s", "write_bytes"),
    Column("QD", 4, lambda rates: rates.depth, scaled),
    Column("AVG", 5, lambda rates: rates.mean, duration),
    Column("P50", 5, lambda rates: rates.percentile(50), duration),
    Column("P99", 5, lambda rates: rates.percentile(99), duration),
    Column("ERR", 5, lambda rates: rates.errors, scaled),
]
CARDS = [
    rate("TXPK/s", "tx_packets"),
    rate("RXPK/s", "rx_packets"),
    rate("TXB/s", "tx_bytes"),
    rate("RXB/s", "rx_bytes"),
    Column("QD", 4, lambda rates: rates.depth, scaled),
    Column("ERR", 5, lambda rates: rates.errors, scaled),
    Column("DROP", 5, lambda rates: rates.dropped, scaled),
]
TABLES = {"vbd": DISKS, "vif": CARDS}
TITLES = {"vbd": "DISKS", "vif": "CARDS"}
SIDE_WIDTH, DEVICE_WIDTH, DOMAIN_WIDTH = 5, 8, 8


def _both(*wanted):
    return lambda rates: rates.total(*wanted)


# The largest first, but for names.
SORTS = {
    "bytes": _both("read_bytes", "write_bytes", "tx_bytes", "rx_bytes"),
    "rate": _both("reads", "writes", "flushes", "discards", "tx_packets", "rx_packets"),
    "out": _both("write_bytes", "tx_bytes"),
    "in": _both("read_bytes", "rx_bytes"),
    "depth": lambda rates: rates.depth,
    "latency": lambda rates: rates.percentile(99) if rates.latency else rates.mean,
    "errors": lambda rates: None if rates.errors is None else rates.errors + (rates.dropped or 0),
    "domain": None,
    "device": None,
}


def _place(rates):
    device = rates.device
    return (-1 if device.domain is None else device.domain, device.side, device.number)


def ordered(rows, key, reverse=False):
    """The rows of one table. Equal ones stay in the order of domains, so that idle
    devices do not jump about."""
    rows = sorted(rows, key=_place)
    if key == "device":
        rows.sort(key=lambda rates: (len(rates.device.label), rates.device.label))
    elif key != "domain":
        value = SORTS[key]
        rows.sort(key=lambda rates: -1 if value(rates) is None else value(rates), reverse=True)
    return rows[::-1] if reverse else rows


def domain_text(device, domains):
    """"3 web" or "3"; what it stands for is the domain at the other end."""
    if device.domain is None:
        return NONE
    name = domains.name(device.domain)
    return f"{device.domain} {name}" if name else str(device.domain)


def chosen(rates, wanted, domains):
    """Whether a device is of the domain that was asked for, by number or name."""
    device = rates.device
    return wanted is None or wanted in (str(device.domain), domains.name(device.domain))


def screen_lines(kind, rows, domains, width):
    """(text, row or None) of a table's lines, each as wide as the screen or narrower. The
    domain has what the other columns leave, in both tables the same."""
    columns = TABLES[kind]
    fixed = max(SIDE_WIDTH + 1 + DEVICE_WIDTH + sum(1 + column.width for column in table)
                for table in TABLES.values())
    space = min(max(width - fixed - 1, DOMAIN_WIDTH), 32)

    def line(domain, side, device, cells):
        text = f"{domain[:space]:{space}} {side:{SIDE_WIDTH}} {device[:DEVICE_WIDTH]:{DEVICE_WIDTH}}"
        for column, cell in zip(columns, cells):
            text += f" {cell:>{column.width}}"
        return text[:width]

    yield line(f"{TITLES[kind]} of", "SIDE", "DEVICE", [column.title for column in columns]), None
    for rates in rows:
        cells = [column.form(column.value(rates)) for column in columns]
        yield line(domain_text(rates.device, domains), rates.device.side, rates.device.label, cells), rates


def batch_lines(kind, rows, domains):
    """A table for programs: words that blanks separate, numbers as they are."""
    columns = TABLES[kind]
    yield " ".join(["TYPE", "DOMID", "DOMAIN", "SIDE", "DEVICE", *[column.title for column in columns]])
    for rates in rows:
        device = rates.device
        name = (domains.name(device.domain) or NONE).replace(" ", "_")
        cells = [(plain_us if column.form is duration else plain)(column.value(rates)) for column in columns]
        yield " ".join([kind, NONE if device.domain is None else str(device.domain), name,
                        device.side, device.label, *cells])
