# SPDX-License-Identifier: GPL-2.0
"""What xenpv-top and xenpv-status --metrics share: reading the drivers' statistics."""
