"""Every code that a programme of mentoring may say, with the names of the values that come with it."""

from collections.abc import Mapping
from typing import Final

PROGRAMME_REFUSALS: Final[Mapping[str, tuple[str, ...]]] = {
    "programme_months": ("months", "least", "most"),
}
"""Why a programme cannot be made."""

PROGRAMME_NOTES: Final[Mapping[str, tuple[str, ...]]] = {
    "programme_for": ("pair_kind",),
    "programme_strong": ("titles",),
    "programme_unproven": (),
    "programme_steps_only": (),
    "programme_empty": (),
    "programme_term": ("months", "starts", "ends"),
    "programme_basis": ("deficits", "steps"),
}
"""The parts of an explanatory note: for whom, why this mentor, for how long, on which basis."""

_OF_GOAL: Final = ("competency", "title", "percent", "target")

MEASURES: Final[Mapping[str, tuple[str, ...]]] = {
    "measure_consultation": _OF_GOAL,
    "measure_lesson_visit": _OF_GOAL,
    "measure_lesson_visit_distance": _OF_GOAL,
    "measure_lesson_visit_team": _OF_GOAL,
    "measure_joint_planning": _OF_GOAL,
    "measure_joint_planning_team": _OF_GOAL,
    "measure_masterclass": _OF_GOAL,
    "measure_analysis": _OF_GOAL,
    "measure_analysis_distance": _OF_GOAL,
    "measure_analysis_team": _OF_GOAL,
    "measure_review": _OF_GOAL,
    "measure_discussion": ("activity", "title", "starts", "ends"),
}
"""What the two of a pair do; «distance» and «team» stand for pairs that meet from afar and for teams of managers."""

EXPECTED: Final[Mapping[str, tuple[str, ...]]] = {
    "expected_consultation": _OF_GOAL,
    "expected_lesson_visit": _OF_GOAL,
    "expected_joint_planning": _OF_GOAL,
    "expected_joint_planning_team": _OF_GOAL,
    "expected_masterclass": _OF_GOAL,
    "expected_analysis": _OF_GOAL,
    "expected_review": _OF_GOAL,
    "expected_discussion": ("activity", "title"),
}
"""What a measure leads to; `percent` and `target` are per cent (0–100)."""
