# SPDX-License-Identifier: GPL-2.0
"""Entry: python3 -m benchdom0."""

import sys

from .cli import main

sys.exit(main())
