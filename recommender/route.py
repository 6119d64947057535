"""A route and what is said about it: steps, certificate, what stays open and what was left out."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from typing_extensions import TypedDict

from recommender.diagnostics import DiagnosticResult, Person


@dataclass(frozen=True)
class Limits:
    """What a route may take: hours in all and per term, formats, period (inclusive) and number of steps."""

    hours: float
    term_hours: float
    formats: frozenset[str]
    start: date
    end: date
    steps: int


@dataclass(frozen=True, slots=True)
class Placement:
    """A step moved by hand: the activity begins in the term that holds the day; an `exact` one begins on the day."""

    activity: str
    day: date
    exact: bool = False


class PlacementAnswer(TypedDict):
    """A step moved by hand, as it is told and kept."""

    activity: str
    day: date
    exact: bool


@dataclass(frozen=True, slots=True)
class MentoringGain:
    """The share of a deficit (0–1) that a mentor is expected to close, and its standard deviation."""

    competency: str
    gain: float
    spread: float


@dataclass(frozen=True, slots=True)
class Mentoring:
    """A pair on which both agreed, as the mentee's route sees it: given, not chosen; before its order without days."""

    pair: str
    kind: str
    starts: date | None
    ends: date | None
    gains: tuple[MentoringGain, ...]


@dataclass(frozen=True)
class Request:
    """One person's question: results, wishes (competency codes or free text), limits, and the day it is asked.

    What is `placed` is as good as fixed, and may be taken only where it was placed."""

    person: Person
    results: tuple[DiagnosticResult, ...]
    wishes: tuple[str, ...]
    limits: Limits
    on: date
    fixed: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    placed: tuple[Placement, ...] = ()
    mentoring: tuple[Mentoring, ...] = ()

    @property
    def kept(self) -> tuple[str, ...]:
        """The activities that must be in the route, each once: fixed ones as they were named, then the placed ones."""
        return tuple(dict.fromkeys((*self.fixed, *(placement.activity for placement in self.placed))))


class Reason(NamedTuple):
    """A code of the core with its parameters; `data/sentences.yaml` makes a Russian sentence of it."""

    code: str
    values: tuple[tuple[str, str | float | date | None], ...] = ()


class Deficit(NamedTuple):
    """A gap of one competency. `mastery`, `uncertainty`, `target`, `gap` are shares in [0, 1]; `weight` ≥ 0 is the
    product of `factors` (step, priority, confidence, request); `evidence` are the results behind it, newest first.

    `percent` (0–100, unrounded) is the mastery that the level was found from: Σ evidence_weights·evidence +
    group_mean_weight·group_mean. `self_only` says that only self-assessments are behind it; else they stand apart."""

    competency: str
    mastery: float
    uncertainty: float
    target: float
    gap: float
    level: str
    weight: float
    confidence: float
    factors: tuple[tuple[str, float], ...]
    evidence: tuple[DiagnosticResult, ...]
    percent: float = 0.0
    evidence_weights: tuple[float, ...] = ()
    group_mean: float = 0.0
    group_mean_weight: float = 0.0
    self_only: bool = False
    self_assessments: tuple[DiagnosticResult, ...] = ()


class Closing(NamedTuple):
    """The share of a deficit in [0, 1] that a step closes after the steps before it; `gain` is what it could alone.

    `factors` are what the gain is a product of: prior (of kind and hours), relevance, confirmed (½ for a proposed
    tag), chance (of the ranker)."""

    competency: str
    share: float
    gain: float
    spread: float
    factors: tuple[tuple[str, float], ...] = ()


class Contribution(NamedTuple):
    """One summand of a step's score: `code` is «closing» (with a competency) or «hours»."""

    code: str
    competency: str
    value: float


class Alternative(NamedTuple):
    """Another activity in the place of a step: what the value and the hours of the whole route would change by."""

    activity: str
    delivery: int
    value_change: float
    hours_change: float


class Step(NamedTuple):
    """One activity of a route in a term (from 1); `contributions` add up to `score`, scores to the route's value."""

    activity: str
    delivery: int
    term: int
    starts: date
    ends: date
    hours: float
    closes: tuple[Closing, ...]
    contributions: tuple[Contribution, ...]
    score: float
    confidence: float
    reasons: tuple[Reason, ...]
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """What a pair of the mentee closes before all steps; `contributions` add up to `score`. It takes no hours."""

    pair: str
    kind: str
    starts: date | None
    ends: date | None
    closes: tuple[Closing, ...]
    contributions: tuple[Contribution, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Certificate:
    """How good a route is: its value, a proven upper bound for every route of the request, and the gap as a share."""

    value: float
    bound: float
    gap: float


@dataclass(frozen=True, slots=True)
class Route:
    """Steps in order of time with their certificate; `notes` say which wishes of the rules could not be met.

    `given` is what pairs of mentoring close before the steps; it is part of the value and of the bound.
    """

    steps: tuple[Step, ...]
    certificate: Certificate
    notes: tuple[Reason, ...] = ()
    given: tuple[Given, ...] = ()

    @property
    def parts(self) -> tuple[Given | Step, ...]:
        """Everything that closes something: what is given, then the steps."""
        return (*self.given, *self.steps)

    @property
    def closed(self) -> dict[str, float]:
        """The share of each deficit that all parts close together, by competency; nothing of what none touches."""
        closed: dict[str, float] = {}
        for part in self.parts:
            for one in part.closes:
                closed[one.competency] = closed.get(one.competency, 0.0) + one.share
        return closed


class Open(NamedTuple):
    """What stays open of a deficit (share in (0, 1]) and why."""

    competency: str
    share: float
    reason: Reason


class Excluded(NamedTuple):
    """An activity that touches a deficit and may not be taken, with the first rule that forbids it."""

    activity: str
    reason: Reason
