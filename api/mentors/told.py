"""Values of the mentoring core as they are kept in JSON."""

from dataclasses import asdict
from typing import Any

from recommender.mentors_values import NextBest, Shortage
from recommender.route import Contribution, Reason


def told(value: Reason | Contribution | NextBest | Shortage) -> dict[str, Any]:
    """Return a value as plain data; the named values of a reason become fields of its own."""
    if isinstance(value, Reason):
        return {"code": value.code, **dict(value.values)}
    return asdict(value)
