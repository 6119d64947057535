"""How exactly sums are compared with their limits."""

from typing import Final

HOURS_TOLERANCE: Final = 1e-6
"""Sums of hours are compared with their limits up to this many hours, so that 0.1 + 0.2 hours fit into 0.3."""
