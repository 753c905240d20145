# SPDX-License-Identifier: GPL-2.0
"""Finds, orders and runs tests of every kind, and adds up their TAP."""
