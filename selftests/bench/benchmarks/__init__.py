# SPDX-License-Identifier: GPL-2.0
"""The benchmarks: see selftests/bench/README.md."""
