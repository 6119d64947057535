"""The values of mentoring: mentors, mentees, the rules of a kind of pair, and the pairs that come of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from typing_extensions import TypedDict

from recommender.route import Contribution, Reason

MEETING_FORMATS: Final = ("in_person", "distance")
GROUPS: Final = ("teacher", "young", "experienced", "manager", "team")
"""Who may be a mentor or a mentee: «young» and «experienced» are teachers, «team» is the management of one school."""

REACHES: Final = ("municipality", "neighbours", "territory")
"""How far apart two people may work and still meet in person."""


@dataclass(frozen=True, slots=True)
class Strength:
    """What a mentor can do: `mastery` and its standard deviation `uncertainty`, both shares in [0, 1]."""

    competency: str
    mastery: float
    uncertainty: float

    @property
    def certain(self) -> float:
        """The mastery that the mentor has at least, one standard deviation below the estimate; never under 0."""
        return max(0.0, self.mastery - self.uncertainty)


@dataclass(frozen=True, slots=True)
class Need:
    """What a mentee lacks: `weight` > 0 is weight × gap of the deficit."""

    competency: str
    weight: float


@dataclass(frozen=True, slots=True)
class Mentor:
    """Someone who may accompany others (of a team: the school, with its code as `key`).

    `places` is None where the rules decide; `load` counts running pairs that keep their places; `experience` is in
    years, None where unknown; `wanted`, `unwanted` and `declined` are keys of mentees. Municipality "" is one place.
    """

    key: str
    strengths: tuple[Strength, ...] = ()
    subjects: frozenset[str] = frozenset()
    municipality: str = ""
    experience: float | None = None
    groups: frozenset[str] = frozenset({"teacher"})
    formats: frozenset[str] = frozenset(MEETING_FORMATS)
    consent: bool = True
    contest: bool = False
    places: int | None = None
    load: int = 0
    wanted: frozenset[str] = frozenset()
    unwanted: frozenset[str] = frozenset()
    declined: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Mentee:
    """Someone who needs a mentor (of a team: the school).

    `waiting_days` counts from the first request; `earlier` pairs keys of former mentors with how good that pair was
    in [0, 1]; `wanted`, `unwanted` and `declined` are keys of mentors.
    """

    key: str
    needs: tuple[Need, ...] = ()
    subjects: frozenset[str] = frozenset()
    municipality: str = ""
    experience: float | None = None
    groups: frozenset[str] = frozenset({"teacher"})
    formats: frozenset[str] = frozenset(MEETING_FORMATS)
    consent: bool = True
    waiting_days: int = 0
    earlier: tuple[tuple[str, float], ...] = ()
    wanted: frozenset[str] = frozenset()
    unwanted: frozenset[str] = frozenset()
    declined: frozenset[str] = frozenset()

    @property
    def heaviest_need(self) -> str:
        """The competency of the heaviest need (ties: the first code), or "" without needs."""
        return min(((-need.weight, need.competency) for need in self.needs), default=(0.0, ""))[1]


@dataclass(frozen=True, slots=True)
class FitWeights:
    """The most that each contribution to the fit of a pair may reach; `unwanted` and `load` are taken away.

    `possible` is what every feasible pair has; it must outweigh all that may be taken away, so that a fit is > 0.
    """

    possible: float = 3.0
    competency: float = 5.0
    subject: float = 2.0
    nearness: float = 1.0
    format: float = 0.5
    contest: float = 0.5
    wanted_by_mentee: float = 1.0
    wanted_by_mentor: float = 1.0
    unwanted: float = 1.0
    continuity: float = 1.0
    load: float = 0.5
    waiting: float = 0.5

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            if not getattr(self, name) >= 0:
                raise ValueError(f"The weight {name} of a fit must be at least 0")
        if not self.possible > 2 * self.unwanted + self.load:
            raise ValueError("The weight possible must outweigh 2 × unwanted + load, or a feasible pair has no fit")


@dataclass(frozen=True, slots=True)
class PairRules:
    """Who may be paired in one kind of pair, and what makes a pair good.

    `places` holds where a mentor names none. A pair may meet in person within `reach`, and anywhere if `distance` is
    allowed and both accept it. `experience_years` is the least difference of experience (None: no such rule);
    `strong_at` the mastery in [0, 1] from which a mentor is strong («≥», unrounded); a waiting of `waiting_full_days`
    counts in full. `candidates` bounds how many mentors of one mentee are looked at in a round.
    """

    kind: str
    mentee_groups: frozenset[str] = frozenset({"teacher"})
    mentor_groups: frozenset[str] = frozenset({"teacher"})
    places: int = 3
    reach: str = "neighbours"
    distance: bool = True
    experience_years: float | None = None
    contest_required: bool = False
    same_subject: bool = False
    strength_required: bool = False
    strong_at: float = 0.75
    waiting_full_days: int = 180
    candidates: int = 40
    weights: FitWeights = field(default_factory=FitWeights)

    def __post_init__(self) -> None:
        unknown = (self.mentee_groups | self.mentor_groups) - frozenset(GROUPS)
        if unknown:
            raise ValueError(f"Unknown groups of people: {', '.join(sorted(unknown))}")
        if self.reach not in REACHES:
            raise ValueError(f"Unknown reach {self.reach!r}: one of {', '.join(REACHES)}")
        if self.places < 0 or self.candidates < 1 or self.waiting_full_days < 1:
            raise ValueError("Places must be at least 0, candidates and waiting days at least 1")


@dataclass(frozen=True, slots=True)
class Pair:
    """A mentee with a mentor; `parts` add up to `fit` (within 1e-9), `format` is how they may meet at best."""

    mentee: str
    mentor: str
    fit: float
    parts: tuple[Contribution, ...]
    format: str
    pinned: bool = False


class NextBest(NamedTuple):
    """Another mentor for a mentee: what the whole would lose in covered mentees and in the sum of fits.

    `total_loss` may be negative where coverage is lost: the rest then fits better, but one is left alone.
    """

    mentor: str
    fit: float
    coverage_loss: int
    total_loss: float


class KeptPart(TypedDict):
    """A contribution to a fit as it is kept; `competency` is empty where the code is not «competency»."""

    code: str
    competency: str
    value: float


class KeptShortage(TypedDict):
    """A shortage as it is kept."""

    what: str
    code: str
    mentees: int
    uncovered: int
    mentors: int
    places: int
    free_places: int


class KeptNext(TypedDict):
    """The next best mentor as it is kept, by the number of the person."""

    mentor: int
    fit: float
    coverage_loss: int
    total_loss: float


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A mentee without a mentor, why, and the cheapest remedy."""

    mentee: str
    reason: Reason
    remedy: Reason


class Shortage(NamedTuple):
    """What a region lacks: `what` is competency, municipality or subject; counts of people and of places."""

    what: str
    code: str
    mentees: int
    uncovered: int
    mentors: int
    places: int
    free_places: int


def are_near(first: str, second: str, neighbours: Mapping[str, tuple[str, ...]]) -> bool:
    """Return whether two municipalities are neighbours, by either one's list."""
    return second in neighbours.get(first, ()) or first in neighbours.get(second, ())
