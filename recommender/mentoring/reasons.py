"""Every code that mentoring and its programmes may say, with the names of the values that come with it."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from typing_extensions import TypedDict


class MentoringValues(TypedDict, total=False):
    """The values that a code of UNCOVERED, REMEDIES, MEASURES, EXPECTED or PROGRAMME_NOTES may bring, by name."""

    activity: str
    competency: str
    deficits: float
    ends: date | None
    fit: float
    gain: float
    mentee: str
    mentor: str
    mentors: float
    months: float
    municipality: str
    pair_kind: str
    percent: float
    starts: date | None
    steps: float
    subjects: str
    target: float
    title: str
    titles: str
    years: float


class KeptReason(MentoringValues):
    """A reason or remedy as it is kept: its code with the values beside it."""

    code: str


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
    "fault_pair_row": ("mentee", "mentor"),
    "fault_pair_rule": ("mentee", "mentor", "rule"),
    "fault_pair_fit": ("mentee", "mentor", "fit", "expected"),
    "fault_pair_format": ("mentee", "mentor", "format"),
}
"""What may be wrong with a pair; `rule` is a code of `mentoring.fit.BARRIERS`, mentees and mentors are keys."""

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
