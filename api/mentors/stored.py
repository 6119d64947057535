"""Values of the mentoring core as they are kept in JSON and in the rows of a run."""

from collections.abc import Sequence
from typing import Any, Final

from recommender.mentoring.explanations import exchanges_of, next_mentors, uncovered
from recommender.mentoring.pairing import Pairing
from recommender.mentoring.values import NextBest, Pair, Shortage
from recommender.route import Contribution, Reason

NO_PAIR: Final[dict[str, Any]] = {
    "mentor_id": None,
    "pinned": False,
    "fit": 0.0,
    "format": "",
    "parts": [],
    "following": [],
    "reason": None,
    "remedy": None,
}
"""The columns of a row without a mentor."""


def stored(value: Reason | Contribution | NextBest | Shortage) -> dict[str, Any]:
    """Return a value as plain data; the named values of a reason become fields of its own."""
    if isinstance(value, Reason):
        return {"code": value.code, **dict(value.values)}
    return value._asdict()


def stored_rows(run_id: int, pairing: Pairing) -> list[dict[str, Any]]:
    """Return the rows of a run: its pairs with the next best, then who is left without a mentor and why."""
    exchanges = exchanges_of(pairing)
    covered = [
        {"run_id": run_id, "mentee_id": int(pair.mentee)}
        | stored_pair(pair, next_mentors(pairing, exchanges, pair.mentee))
        for pair in pairing.pairs
    ]
    alone = [
        {**NO_PAIR, "run_id": run_id, "mentee_id": int(one.mentee)}
        | {"reason": stored(one.reason), "remedy": stored(one.remedy)}
        for one in uncovered(pairing, exchanges)
    ]
    return covered + alone


def stored_pair(pair: Pair, following: Sequence[NextBest] = ()) -> dict[str, Any]:
    """Return the columns of a row with this pair."""
    return {
        **NO_PAIR,
        "mentor_id": int(pair.mentor),
        "pinned": pair.pinned,
        "fit": pair.fit,
        "format": pair.format,
        "parts": [stored(part) for part in pair.parts],
        "following": [{**stored(other), "mentor": int(other.mentor)} for other in following],
    }
