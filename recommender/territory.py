"""The rules of a territory as values: what its regulation and its centre decided, with nothing of Python in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from recommender.framework import Scale


@dataclass(frozen=True, slots=True)
class RuleNote:
    """Where a rule comes from: since when, in which unit, by which clause; shown to people beside the value."""

    since: date
    unit: str
    reference: str


@dataclass(frozen=True, slots=True)
class ProfilePolicy:
    """How several results of one competency become one mastery.

    `combine` is one of COMBINATIONS. `reliability` (by form, 0–1) belongs to a measurement of `reference_tasks`
    tasks and is carried to other lengths by the Spearman–Brown formula. `spread` is the standard deviation of true
    mastery in a group (0–1), `mean` the group mean where nothing better is known, `half_life_days` the age at which
    a result counts half.
    """

    combine: str
    reliability: Mapping[str, float]
    reference_tasks: int
    mean: float
    spread: float
    half_life_days: float


@dataclass(frozen=True, slots=True)
class GainPrior:
    """The share of a gap (0–1) that an activity of `kind` with at least `hours` closes, and its standard deviation."""

    kind: str
    hours: float
    gain: float
    spread: float


@dataclass(frozen=True, slots=True)
class RouteRules:
    """Limits of a route: hours in all and per term, steps, length in months and the least number of kinds of steps."""

    hours: float
    term_hours: float
    steps: int
    months: int
    hour_cost: float
    practice_kinds: tuple[str, ...]
    practice_minimum: int
    formal_minimum: int


@dataclass(frozen=True, slots=True)
class Term:
    """A yearly term from (month, day) to (month, day), both inclusive; terms of a territory cover the year in order."""

    title: str
    start: tuple[int, int]
    end: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Busy:
    """A yearly period in which deliveries of the named formats may not run (holidays, exam season)."""

    title: str
    start: tuple[int, int]
    end: tuple[int, int]
    formats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class YoungRule:
    """A young teacher is younger than `age` and has worked at most `years` years."""

    age: int
    years: float


@dataclass(frozen=True, slots=True)
class MentoringRule:
    """How pairs of one kind are made.

    `places` is how many mentees a mentor has by default; `contest_first` puts mentors chosen by contest before all
    others; `distance` allows pairs of different municipalities that are no neighbours; `experience_years` is the least
    difference of experience; a pair lasts from `months_least` to `months_most`.
    """

    kind: str
    places: int
    contest_first: bool
    distance: bool
    experience_years: float
    months_least: int
    months_most: int
    since: date
    unit: str
    reference: str


@dataclass(frozen=True, slots=True)
class IndicatorTarget:
    """What a territory wants of an indicator in a year."""

    year: int
    value: float


@dataclass(frozen=True, slots=True)
class IndicatorRule:
    """The passport of an indicator: what is counted over what, in which direction it is wanted and with which targets.

    `formula` is the code of the count (P1 … P12 of the catalogue of indicators), `number` its place in the regulation;
    `denominator` is empty for a plain count.
    """

    code: str
    number: str
    title: str
    formula: str
    numerator: str
    denominator: str
    by_subject: bool
    direction: str
    targets: tuple[IndicatorTarget, ...]
    since: date
    unit: str
    reference: str


@dataclass(frozen=True, slots=True)
class Texts:
    """Names that documents and pages print: of the centre, of the institute of development, and of the regulation."""

    center: str
    institute: str
    regulation: str


@dataclass(frozen=True, slots=True)
class Territory:
    """A configuration of the service: one region, district or city.

    `targets` gives the target per cent by kind of person and area («*» is any area); `priorities` multiplies the
    weight of a deficit by competency code or area (1 where absent); `registers` are those whose programmes count as
    formal steps; `providers_since` is the date from which only state and municipal providers may teach formally.
    `notes` pairs a rule's dotted name with its source; `neighbours` is mutual.
    """

    code: str
    title: str
    version: str
    level: str
    municipal_level: bool
    organisation_levels: tuple[str, ...]
    municipalities: tuple[str, ...]
    neighbours: Mapping[str, tuple[str, ...]]
    registers: tuple[str, ...]
    framework: str
    scale: Scale
    policy: ProfilePolicy
    targets: Mapping[str, Mapping[str, float]]
    priorities: Mapping[str, float]
    gains: tuple[GainPrior, ...]
    default_hours: Mapping[str, float]
    route: RouteRules
    terms: tuple[Term, ...]
    busy: tuple[Busy, ...]
    young: YoungRule
    providers_since: date
    repeat_years: int
    notes: Mapping[str, RuleNote]
    texts: Texts = Texts(center="", institute="", regulation="")
    mentoring: tuple[MentoringRule, ...] = ()
    indicators: tuple[IndicatorRule, ...] = ()

    def target_of(self, kind: str, area: str) -> float:
        """Return the target per cent for a kind of person in an area."""
        targets = self.targets[kind]
        return targets.get(area, targets["*"])
