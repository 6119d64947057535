"""Values of the mentoring core as they are kept in JSON and in the rows of a run."""

from collections.abc import Sequence
from typing import Final, cast

from models.mentor_runs import NewRow, PairColumns
from recommender.mentoring.explanations import exchanges_of, next_mentors, uncovered
from recommender.mentoring.pairing import Pairing
from recommender.mentoring.reasons import KeptReason
from recommender.mentoring.values import KeptNext, KeptPart, NextBest, Pair
from recommender.route import Contribution, Reason

NO_PAIR: Final[PairColumns] = {
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


def stored_reason(reason: Reason) -> KeptReason:
    """Return a reason as plain data; its values become fields of their own."""
    return cast(KeptReason, {"code": reason.code, **dict(reason.values)})


def stored_part(part: Contribution) -> KeptPart:
    """Return a contribution to a fit as plain data."""
    return {"code": part.code, "competency": part.competency, "value": part.value}


def _stored_next(other: NextBest) -> KeptNext:
    return {
        "mentor": int(other.mentor),
        "fit": other.fit,
        "coverage_loss": other.coverage_loss,
        "total_loss": other.total_loss,
    }


def stored_rows(run_id: int, pairing: Pairing) -> list[NewRow]:
    """Return the rows of a run: its pairs with the next best, then who is left without a mentor and why."""
    exchanges = exchanges_of(pairing)
    covered: list[NewRow] = [
        {
            "run_id": run_id,
            "mentee_id": int(pair.mentee),
            **stored_pair(pair, next_mentors(pairing, exchanges, pair.mentee)),
        }
        for pair in pairing.pairs
    ]
    alone: list[NewRow] = [
        {
            **NO_PAIR,
            "run_id": run_id,
            "mentee_id": int(one.mentee),
            "reason": stored_reason(one.reason),
            "remedy": stored_reason(one.remedy),
        }
        for one in uncovered(pairing, exchanges)
    ]
    return covered + alone


def stored_pair(pair: Pair, following: Sequence[NextBest] = ()) -> PairColumns:
    """Return the columns of a row with this pair."""
    return {
        **NO_PAIR,
        "mentor_id": int(pair.mentor),
        "pinned": pair.pinned,
        "fit": pair.fit,
        "format": pair.format,
        "parts": [stored_part(part) for part in pair.parts],
        "following": [_stored_next(other) for other in following],
    }
