# SPDX-License-Identifier: GPL-2.0
"""xenpv-top in a terminal. curses sends only what has changed, so nothing flickers."""

import curses
import time

from . import devices, rates, table

HELP = """\
q  quit                              h  this help
s  next sort key                     S  the one before
r  the other way round               t  disks and cards, disks, cards
+  a longer interval                 -  a shorter one
Up, Down, PageUp, PageDown, Home     move the lists
Space                                measure now

Directions are the guest's: it reads and writes, it transmits (TX) and receives (RX).
SIDE   which end this domain has; the DOMAIN is the one at the other end
QD     requests that the end has taken and not answered; packets that wait
AVG, P50, P99   time of a disk's requests in the interval; P50 and P99: blkback only
ERR, DROP       since the device was attached; bold where it grew
-      not known""".splitlines()
KINDS = [("vbd", "vif"), ("vbd",), ("vif",)]
MIN_DELAY, MAX_DELAY = 0.2, 60


class Screen:
    """The terminal and what the user has chosen."""

    def __init__(self, window, options, domains):
        self.window = window
        self.options = options
        self.domains = domains
        self.top = 0
        self.help = False
        self.before = None
        self.now = devices.Snapshot()

    def loop(self):
        """Until the user leaves or the count is over."""
        left = self.options.count
        due = time.monotonic() + min(self.options.delay, 0.5)
        self.draw()
        while True:
            self.window.timeout(max(0, int((due - time.monotonic()) * 1000)))
            key = self.window.getch()
            if key != -1 and not self.pressed(key):
                return
            if key == ord(" ") or time.monotonic() >= due:
                self.before, self.now = self.now, devices.Snapshot()
                due = time.monotonic() + self.options.delay
                if left:
                    left -= 1
                    if not left:
                        return
            self.draw()

    def pressed(self, key):
        """Does what a key says; False to leave."""
        options = self.options
        page = max(1, self.window.getmaxyx()[0] - 4)
        moves = {curses.KEY_UP: -1, curses.KEY_DOWN: 1, curses.KEY_PPAGE: -page,
                 curses.KEY_NPAGE: page, curses.KEY_HOME: -self.top}
        if key in moves:
            self.top = max(0, self.top + moves[key])
        elif key in (ord("s"), ord("S")):
            keys = list(table.SORTS)
            options.sort = keys[(keys.index(options.sort) + (1 if key == ord("s") else -1)) % len(keys)]
        elif key == ord("r"):
            options.reverse = not options.reverse
        elif key == ord("t"):
            options.kinds = KINDS[(KINDS.index(tuple(options.kinds)) + 1) % len(KINDS)]
        elif key == ord("+"):
            options.delay = min(options.delay * 2, MAX_DELAY)
        elif key == ord("-"):
            options.delay = max(options.delay / 2, MIN_DELAY)
        elif key in (ord("h"), ord("?")):
            self.help = not self.help
        elif key == curses.KEY_RESIZE:
            # The window has its new size by now; some terminals left rubbish in it.
            self.window.clearok(True)
        return key not in (ord("q"), 3)

    def lines(self, width):
        """(text, attributes) below the header."""
        found = [row for row in rates.between(self.now, self.before)
                 if table.chosen(row, self.options.domain, self.domains)]
        for kind in self.options.kinds:
            rows = table.ordered([row for row in found if row.device.kind == kind],
                                 self.options.sort, self.options.reverse)
            for text, row in table.screen_lines(kind, rows, self.domains, width):
                if row is None:
                    yield text.ljust(width), curses.A_REVERSE
                else:
                    yield text, curses.A_BOLD if row.new_errors else curses.A_NORMAL
            yield "", curses.A_NORMAL

    def header(self):
        """The two lines at the top: what is there, and what is wrong."""
        here = [device.kind for device in self.now.devices]
        order = " reversed" if self.options.reverse else ""
        yield (f"xenpv-top {time.strftime('%H:%M:%S')}  {here.count('vbd')} disks, {here.count('vif')} cards"
               f"  every {self.options.delay:g} s, by {self.options.sort}{order}  (h: help)")
        yield devices.no_driver(self.now) or self.now.trouble or ""

    def draw(self):
        """The whole screen anew; curses compares it with the one before."""
        height, width = self.window.getmaxyx()
        self.window.erase()
        for y, text in enumerate(self.header()):
            self.put(y, text, curses.A_NORMAL)
        lines = [(text, curses.A_NORMAL) for text in HELP] if self.help else list(self.lines(width))
        self.top = min(self.top, max(0, len(lines) - (height - 2)))
        for y, (text, attributes) in enumerate(lines[self.top:self.top + max(0, height - 2)], 2):
            self.put(y, text, attributes)
        self.window.refresh()

    def put(self, y, text, attributes):
        """A line, as much of it as fits. The last cell of the screen cannot be written
        without an error, and a terminal may have shrunk meanwhile."""
        try:
            self.window.addnstr(y, 0, text, self.window.getmaxyx()[1], attributes)
        except curses.error:
            pass


def run(options, domains):
    """Takes the terminal and gives it back, whatever happens."""
    def main(window):
        try:
            curses.curs_set(0)
        except curses.error:
            pass
        Screen(window, options, domains).loop()

    curses.wrapper(main)
