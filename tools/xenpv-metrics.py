#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""For xenpv-status --metrics: python3 xenpv-metrics.py [FILE]. The modules are beside it."""

import sys

sys.dont_write_bytecode = True

from xenpvtools.metrics import main  # noqa: E402 pylint: disable=wrong-import-position

sys.exit(main(sys.argv[1:]))
