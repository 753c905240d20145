# SPDX-License-Identifier: GPL-2.0
"""Entry: python3 -m xenlab."""

import sys

from .cli import main

sys.exit(main())
