"""Questions about routes that the core refuses, as the one error of the service with the field to correct."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from api.errors import InvalidInput
from api.rendering import reason_text
from recommender.refusals import Refused

# The field of a request that a refusal of the core is about.
REFUSED_FIELDS: Final = {
    "unknown_competency": "results",
    "unknown_activity": "fixed",
    "repeated_activity": "activities",
    "fixed_and_forbidden": "forbidden",
    "placed_twice": "placed",
    "limits_hours": "limits.hours",
    "limits_term_hours": "limits.term_hours",
    "limits_steps": "limits.steps",
    "limits_period": "limits.to",
    "no_terms": "limits.to",
    "edit_fixed_already": "activity",
    "edit_not_fixed": "activity",
    "edit_not_forbidden": "activity",
    "edit_swap_same": "instead",
    "edit_no_day": "day",
}


@contextmanager
def asked_rightly() -> Iterator[None]:
    """Answer a question that the core refuses with the core's reason."""
    try:
        yield
    except Refused as refusal:
        reason = refusal.reason
        raise InvalidInput(reason_text(reason), field=REFUSED_FIELDS.get(reason.code)) from refusal
