"""What is answered about pairs."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from api.fields import Answer, Codes
from api.mentors import labels
from api.mentors.answers import FitPart, FollowingMentor, Format, PairKind, PairPerson
from models.pairs import SIDES

Side = Annotated[str, Codes(SIDES)]


class ListedPair(Answer):
    """A pair in the list."""

    id: int
    territory: str
    kind: PairKind
    kind_text: str
    state: Annotated[str, Codes(tuple(labels.PAIR_STATES))]
    state_text: str
    mentee: PairPerson
    mentor: PairPerson
    run_id: int | None
    fit: float | None
    format: Format | None
    proposed_on: date
    mentee_agreed_on: date | None
    mentor_agreed_on: date | None
    declined_by: Annotated[str, Codes((*SIDES, "coordinator"))] | None
    closing_reason: str
    order_number: str
    order_date: date | None
    starts: date | None
    ends: date | None
    closed_on: date | None
    to_replace: Annotated[bool, Field(description="Следующий подбор ищет педагогу другого наставника")]


class Pairs(Answer):
    """A page of pairs."""

    items: Sequence[ListedPair]
    next: str | None


class Meeting(Answer):
    """A meeting of a pair."""

    id: int
    held_on: date
    topic: str
    outcome: str


class Feedback(Answer):
    """What one side said of a pair at its end."""

    side: Side
    mark: int
    comment: str
    given_at: datetime


class WholePair(ListedPair):
    """A pair with everything that is known of it."""

    parts: Sequence[FitPart]
    following: Annotated[Sequence[FollowingMentor], Field(description="Следующие по выгоде; видит только координатор")]
    meetings: Sequence[Meeting]
    feedback: Sequence[Feedback]
    has_programme: bool


class DeclinedPair(WholePair):
    """A declined pair and the one that is proposed instead."""

    offered_id: Annotated[int | None, Field(description="Пара со следующим наставником, если у него есть место")]
