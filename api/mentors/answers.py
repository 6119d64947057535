"""What answers about runs and about pairs have in common."""

from collections.abc import Sequence
from typing import Annotated

from api.fields import Answer, Codes
from recommender.mentoring.reasons import PARTS
from recommender.mentoring.values import MEETING_FORMATS
from recommender.vocabulary import PAIR_KINDS

PairKind = Annotated[str, Codes(PAIR_KINDS)]
Format = Annotated[str, Codes(MEETING_FORMATS)]


class PairPerson(Answer):
    """One of a pair."""

    id: int
    full_name: str
    organisation: str
    municipality: str
    subjects: Sequence[str]


class FitPart(Answer):
    """One summand of a fit."""

    code: Annotated[str, Codes(tuple(PARTS))]
    competency: str | None
    value: float
    text: str


class FollowingMentor(Answer):
    """Another mentor and what this choice would cost the whole; without a name where it is out of reach."""

    mentor_id: int
    full_name: str | None
    fit: float
    coverage_loss: int
    total_loss: float
