# SPDX-License-Identifier: GPL-2.0
"""The benchmarks' part in dom0: attaches devices, runs jobs, prints samples. Python 3.11 and
its standard library; see selftests/bench/README.md."""
