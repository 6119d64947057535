"""Every code that mentoring may say, with the names of the values that come with it."""

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

PAIR_FAULTS: Final[Mapping[str, tuple[str, ...]]] = {
    "fault_pair_rule": ("mentee", "mentor", "rule"),
    "fault_pair_fit": ("mentee", "mentor", "fit", "expected"),
}
"""What may be wrong with a pair; `rule` is a code of `mentors_parts.BARRIERS`, mentees and mentors are keys."""

PARTS: Final = (
    "possible",
    "competency",
    "subject",
    "nearness",
    "format",
    "contest",
    "wanted_by_mentee",
    "wanted_by_mentor",
    "unwanted_by_mentee",
    "unwanted_by_mentor",
    "continuity",
    "load",
    "waiting",
)
"""Contributions to the fit of a pair; «competency» comes with a competency, «load» and «unwanted…» are below 0."""

UNCOVERED: Final[Mapping[str, tuple[str, ...]]] = {
    "mentee_group": (),
    "mentee_consent": (),
    "no_mentors": (),
    "no_reach": ("municipality", "mentors"),
    "no_experience": ("years", "mentors"),
    "no_subject": ("subjects", "mentors"),
    "no_strength": ("competency", "mentors"),
    "all_declined": ("mentors",),
    "all_forbidden": ("mentors",),
    "places_taken": ("mentors",),
    "displaced": (),
}
"""Why a mentee has no mentor; `mentors` counts those whom this very rule, the last one, took away. A run itself never
displaces anybody: a coordinator does, by giving the place to another."""

REMEDIES: Final[Mapping[str, tuple[str, ...]]] = {
    "ask_consent": (),
    "other_kind": (),
    "allow_distance": ("mentor", "fit"),
    "ask_mentor_distance": ("mentor", "fit"),
    "widen_reach": ("mentor", "fit"),
    "waive_contest": ("mentor", "fit"),
    "waive_experience": ("mentor", "fit"),
    "waive_strength": ("mentor", "fit"),
    "waive_subject": ("mentor", "fit"),
    "add_place": ("mentor", "gain"),
    "lift_ban": ("mentor", "fit"),
    "talk_again": ("mentor", "fit"),
    "invite_mentor": ("competency", "municipality"),
}
"""The cheapest change that gives a mentee a mentor, in the order of this table; `mentor` is the one it leads to."""
