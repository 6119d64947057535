"""Every code that mentoring may say, with the names of the values that come with it; sentences stand outside the core."""

from collections.abc import Mapping
from typing import Final

CONFLICTS: Final[Mapping[str, tuple[str, ...]]] = {
    "pinned_twice": ("mentee",),
    "pinned_beyond_places": ("mentor", "places"),
    "pinned_and_forbidden": ("mentee", "mentor"),
    "pinned_unknown": ("mentee", "mentor"),
    "pinned_barred": ("mentee", "mentor", "rule"),
}
"""Why pinned pairs cannot all hold; `rule` is a code of BARRIERS that no pin may lift."""

ASSIGNMENT_FAULTS: Final[Mapping[str, tuple[str, ...]]] = {
    "fault_size": ("mentees", "rows"),
    "fault_unknown_mentor": ("mentee", "mentor"),
    "fault_pin_broken": ("mentee", "mentor"),
    "fault_forbidden": ("mentee", "mentor"),
    "fault_infeasible": ("mentee", "mentor"),
    "fault_places": ("mentor", "pairs", "places"),
    "fault_left_alone": ("mentee", "mentor"),
    "fault_total": ("total", "expected"),
}
"""What may be wrong with an assignment; mentees and mentors are rows of the fit."""
