# SPDX-License-Identifier: GPL-2.0
"""Entry: python3 -m benchlib."""

import sys

from .cli import main

sys.exit(main())
