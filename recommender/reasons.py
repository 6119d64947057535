"""Every code that the core may say, with the names of the values that come with it; sentences stand outside the core.

`data/sentences.yaml` is checked against these tables, so a code is added here first. Codes inside values are the words
of `recommender/vocabulary.py`; several codes in one value are joined by «,».
"""

from collections.abc import Mapping
from typing import Final, Literal

ConfidenceLevel = Literal["high", "medium", "low"]

EXCLUSIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "forbidden": (),
    "declined": (),
    "taken": ("date", "years"),
    "hours_unknown": (),
    "hours_below_minimum": ("hours", "minimum"),
    "no_gain": ("hours",),
    "audience": ("audience",),
    "subject": ("subjects",),
    "far": ("municipality",),
    "format": ("format",),
    "hours_above_limit": ("hours", "limit"),
    "hours_above_term": ("hours", "limit"),
    "no_places": (),
    "already_started": ("starts",),
    "outside_period": ("starts", "ends"),
    "outside_term": ("starts",),
    "busy": ("period",),
    "provider": ("since",),
    "register_expired": ("until",),
    "requires": ("required", "required_title"),
}
"""Why an activity may not be taken, in the order in which the rules are asked: the first one that forbids is named."""

STEP_REASONS: Final[Mapping[str, tuple[str, ...]]] = {
    "closes": ("competency", "title", "share", "percent", "target", "form", "date"),
    "request": ("competency", "title"),
    "self_only": ("competency", "title"),
    "practice": (),
    "formal": ("registers",),
    "prerequisite": ("activity", "title"),
    "fixed": (),
    "placed": (),
    "proposed_tags": ("competency", "title"),
}
"""Why a step stands in a route; `share`, `percent` and `target` of «closes» are per cent (0–100)."""

OPEN_REASONS: Final[Mapping[str, tuple[str, ...]]] = {
    "no_programme": (),
    "excluded": ("rule", "count"),
    "no_places": ("count",),
    "exhausted": ("count",),
    "no_steps": ("steps",),
    "no_hours": ("hours",),
    "conflict": ("activity", "activity_title"),
    "not_worth": ("activity", "activity_title"),
}
"""Why a share of a deficit stays open; `rule` is a code of EXCLUSIONS, `hours` the least hours of what would help."""

NOTES: Final[Mapping[str, tuple[str, ...]]] = {
    "no_results": (),
    "no_deficits": (),
    "wish_unmatched": ("text",),
    "wish_not_measured": ("competency", "title"),
    "wish_no_deficit": ("competency", "title"),
    "practice_dropped": ("asked", "kept"),
    "formal_dropped": ("asked", "kept"),
    "fixed_excluded": ("activity", "title", "rule"),
    "fixed_dropped": ("activity", "title"),
    "placed_missing": ("activity", "title", "day"),
}
"""What is said of a route as a whole; a «dropped» note says how many steps of a kind were asked for and are kept."""

WHY_NOT: Final[Mapping[str, tuple[str, ...]]] = {
    "in_route": ("term", "starts"),
    "no_deficit_touched": (),
    "worse": ("value_change", "percent_change", "hours_change"),
    "equal": ("hours_change",),
    "infeasible": (),
}
"""Answers to «почему не …?» beside EXCLUSIONS; `value_change` ≤ 0 is what forcing the activity in would cost."""

FAULTS: Final[Mapping[str, tuple[str, ...]]] = {
    "fault_unknown_activity": ("activity",),
    "fault_unknown_delivery": ("activity", "delivery"),
    "fault_repeated": ("activity",),
    "fault_rule": ("activity", "rule"),
    "fault_dates": ("activity", "starts", "ends"),
    "fault_term": ("activity", "term"),
    "fault_order": ("activity",),
    "fault_clash": ("activity", "other"),
    "fault_prerequisite": ("activity", "requires"),
    "fault_step_hours": ("activity", "hours", "expected"),
    "fault_total_hours": ("hours", "limit"),
    "fault_term_hours": ("term", "hours", "limit"),
    "fault_steps": ("steps", "limit"),
    "fault_fixed": ("activity",),
    "fault_placed": ("activity", "day"),
    "fault_practice": ("steps", "minimum"),
    "fault_formal": ("steps", "minimum"),
    "fault_share": ("activity", "competency", "share", "expected"),
    "fault_contribution": ("activity", "competency", "value", "expected"),
    "fault_score": ("activity", "score", "expected"),
    "fault_mentoring": ("pair",),
    "fault_value": ("value", "expected"),
    "fault_certificate": ("value", "bound", "gap"),
}
"""What may be wrong with a route; `rule` is a code of EXCLUSIONS."""

REFUSALS: Final[Mapping[str, tuple[str, ...]]] = {
    "unknown_competency": ("competency",),
    "unknown_activity": ("activity",),
    "unknown_form": ("form",),
    "unknown_stage": ("stage",),
    "unknown_format": ("format",),
    "unknown_person_kind": ("kind",),
    "unknown_activity_kind": ("activity", "kind"),
    "unknown_audience": ("activity", "audience"),
    "unknown_combination": ("combine",),
    "unknown_rule": ("rule",),
    "repeated_activity": ("activity",),
    "percent_outside": ("competency", "percent"),
    "limits_hours": ("hours",),
    "limits_term_hours": ("hours",),
    "limits_steps": ("steps",),
    "limits_period": ("from", "to"),
    "no_terms": ("from", "to"),
    "fixed_and_forbidden": ("activity",),
    "placed_twice": ("activity",),
    "edit_fixed_already": ("activity",),
    "edit_not_fixed": ("activity",),
    "edit_not_forbidden": ("activity",),
    "edit_swap_same": ("activity",),
    "edit_no_day": ("activity",),
}
"""Why a request is not answered at all (`recommender.refusals.Refused`)."""

LIFECYCLE: Final[Mapping[str, tuple[str, ...]]] = {
    "route_not_now": ("route_state", "route_act"),
    "route_not_yours": ("route_act", "roles"),
    "step_not_now": ("step_state", "step_act"),
    "step_not_yours": ("step_act", "roles"),
    "act_without_comment": (),
}
"""Why a route or a step does not come into another state (`recommender.lifecycle`)."""

CONFIDENCE_LEVELS: Final[Mapping[ConfidenceLevel, float]] = {"high": 0.6, "medium": 0.35, "low": 0.0}
"""Words for a confidence in [0, 1], each from its number on («≥»)."""


def confidence_level(confidence: float) -> ConfidenceLevel:
    """Return the word for a confidence in [0, 1]."""
    for word, at_least in CONFIDENCE_LEVELS.items():
        if confidence >= at_least:
            return word
    raise ValueError(f"{confidence} is no confidence")
