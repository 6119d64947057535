"""Invented truth for judging the model: true masteries that drift, noisy tests of them, and what learning truly gives.

Nothing of the model under judgement is used here: reliability, spread and priors are read from the territory as the
facts of the invented world, and every formula is this module's own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtr

from benchmarks import region_world
from data.tables.rows import PersonRow
from recommender.activity import Activity
from recommender.diagnostics import DiagnosticResult, Person
from recommender.framework import Competency, Framework
from recommender.territory import Territory

Floats = NDArray[np.float64]

WORLDS: Final = ("what-is-left", "additive", "threshold", "skewed")
"""How true gains work, and how true masteries lie; «skewed» has the gains of «what-is-left»."""

GROUP_MEAN, OF_COMPETENCY, SPREAD, SHARED = 0.7, 0.04, 0.18, 0.6
LOWEST, HIGHEST = 0.02, 0.98
HALF_LIFE: Final = 1_500
GROWTH: Final = (0.12, 0.1)
MEASURED: Final = 12
AGES: Final = (20, 900)
AGAIN, GROWN = 0.2, 0.25
TEST_ERROR: Final = 0.0756
"""Standard deviation of a test: 0.18 spread, reliability 0.85."""

HIGHEST_GAIN: Final = 0.9
SMALL: Final = 0.2
"""In the world of thresholds a gain below this teaches nothing unless a greater one is in the route."""


@dataclass(frozen=True)
class TruePerson:
    """A person with the true mastery (share) of each measured competency today, and two noisy tests of the same.

    `results` and `retest` differ in nothing but the error of each measurement.
    """

    person: Person
    truth: Mapping[str, float]
    results: tuple[DiagnosticResult, ...]
    retest: tuple[DiagnosticResult, ...]


@dataclass(frozen=True)
class TrueWorld:
    """A world by name: its rules, its catalogue, and the people with their truth."""

    name: str
    territory: Territory
    framework: Framework
    activities: tuple[Activity, ...]
    people: tuple[TruePerson, ...]
    seed: int

    def after(self, person: TruePerson, steps: Sequence[str]) -> Mapping[str, float]:
        """Return the true masteries after the activities in this order; the same activity gives a person the same."""
        codes = {activity.code: activity for activity in self.activities}
        taught: dict[str, list[float]] = {}
        for code in steps:
            for competency, gain in true_gains(codes[code], self.territory, self.seed).items():
                taught.setdefault(competency, []).append(gain)
        masteries = dict(person.truth)
        for competency in masteries.keys() & taught.keys():
            target = self.target(person, competency)
            left = self._left(taught[competency])
            masteries[competency] += (1 - left) * max(0.0, target - masteries[competency])
        return masteries

    def _left(self, gains: Sequence[float]) -> float:
        """Return the share of a gap that several gains leave."""
        if self.name == "additive":
            return max(0.0, 1 - sum(gains))
        if self.name == "threshold" and max(gains) < SMALL:
            return 1.0
        return float(np.prod([1 - gain for gain in gains]))

    def target(self, person: TruePerson, competency: str) -> float:
        """Return the target (share) of a person in a competency."""
        return self.territory.target_of(person.person.kind, self.framework.by_code[competency].area) / 100

    def loss(self, person: TruePerson, competency: str, mastery: float) -> float:
        """Return priority × ∫ step(x) dx from a mastery to the target: the weighted gap of a known mastery."""
        target, levels = self.target(person, competency), self.territory.scale.levels
        ends = [*(level.at_least / 100 for level in levels[1:]), 1.0]
        area = sum(
            level.step * max(0.0, min(end, target) - max(level.at_least / 100, mastery))
            for level, end in zip(levels, ends, strict=True)
        )
        of_area = self.territory.priorities.get(self.framework.by_code[competency].area, 1.0)
        return area * self.territory.priorities.get(competency, of_area)


def true_world(name: str, territory: str, people: int, activities: int, seed: int) -> TrueWorld:
    """Return a world; the people of all worlds but «skewed» are the same, and so are all catalogues."""
    made = region_world.world(activities, 60, territory=territory, seed=seed)
    random = np.random.default_rng((seed, 7))
    rows, _ = next(region_world.districts(made, max(people, 1)))
    means = _means(made.framework, seed)
    persons = tuple(_person(row, name, made.framework, means, random) for row in rows[:people])
    return TrueWorld(name, made.territory, made.framework, made.activities, persons, seed)


def true_gains(activity: Activity, territory: Territory, seed: int) -> Mapping[str, float]:
    """Return the true share of what is left that an activity closes, by competency.

    It lies around the territory's prior × relevance (half of it for a proposed tag), evenly and with the prior's own
    standard deviation, as far as 0 and 0.9 let it.
    """
    hours = activity.hours if activity.hours is not None else territory.default_hours.get(activity.kind, 0.0)
    fitting = [prior for prior in territory.gains if prior.kind == activity.kind and prior.hours <= hours]
    if not fitting:
        return {}
    prior = max(fitting, key=lambda one: one.hours)
    tags = {code: relevance / 2 for code, relevance in activity.proposed} | dict(activity.develops)
    random = np.random.default_rng((seed, 8, *activity.code.encode()))
    gains = {}
    for code, relevance in sorted(tags.items()):
        gain = min(prior.gain * relevance, HIGHEST_GAIN)
        width = min(prior.spread * relevance * 3**0.5, gain, HIGHEST_GAIN - gain)
        gains[code] = gain + width * random.uniform(-1, 1)
    return gains


def _means(framework: Framework, seed: int) -> Mapping[str, float]:
    random = np.random.default_rng((seed, 9))
    return {one.code: GROUP_MEAN + OF_COMPETENCY * random.standard_normal() for one in framework.competencies}


def _person(
    row: PersonRow, name: str, framework: Framework, means: Mapping[str, float], random: np.random.Generator
) -> TruePerson:
    person = Person(row.kind or "teacher", row.subjects or (), row.municipality or "")
    asked = [one for one in framework.competencies if not one.parent and _belongs(one, person)]
    chosen = sorted(random.choice(len(asked), min(MEASURED, len(asked)), replace=False).tolist())
    normal = random.standard_normal()
    truth, first, second = {}, list[DiagnosticResult](), list[DiagnosticResult]()
    for code in (asked[index].code for index in chosen):
        luck = SHARED * normal + (1 - SHARED**2) ** 0.5 * random.standard_normal()
        truth[code] = _mastery(luck, means[code], name == "skewed")
        for stage, day, mastery in _measured(truth[code], means[code], random):
            for kept in (first, second):
                percent = 100 * float(np.clip(mastery + TEST_ERROR * random.standard_normal(), 0, 1))
                kept.append(DiagnosticResult(code, percent, "test", stage, day, "", 20))
    return TruePerson(person, truth, tuple(first), tuple(second))


def _belongs(competency: Competency, person: Person) -> bool:
    if competency.area == "Управленческие":
        return person.kind == "manager"
    return not competency.subject or competency.subject in person.subjects


def _mastery(luck: float, mean: float, skewed: bool) -> float:
    """Return a mastery with the group's mean and spread: normal, or a beta distribution that leans on the ceiling."""
    if not skewed:
        return float(np.clip(mean + SPREAD * luck, LOWEST, HIGHEST))
    size = mean * (1 - mean) / SPREAD**2 - 1
    return float(np.clip(betaincinv(mean * size, (1 - mean) * size, ndtr(luck)), LOWEST, HIGHEST))


def _measured(today: float, mean: float, random: np.random.Generator) -> Sequence[tuple[str, date, float]]:
    """Return (stage, day, true mastery on that day) of a competency's measurements, back from today.

    The drift between days is that of a stationary Gauss–Markov process, which runs back in time as it runs forth; what
    lies before a final stage was lower by what was learned.
    """
    luck, ages = random.random(), sorted(random.integers(*AGES, 2).tolist())
    later = _drifted(today, mean, ages[0], random)
    newest = region_world.ON - timedelta(days=ages[0])
    if luck < GROWN:
        grown = max(0.0, random.normal(*GROWTH))
        before = float(np.clip(_drifted(later, mean, ages[1] - ages[0], random) - grown, LOWEST, HIGHEST))
        return (("entry", region_world.ON - timedelta(days=ages[1]), before), ("final", newest, later))
    if luck < GROWN + AGAIN:
        before = _drifted(later, mean, ages[1] - ages[0], random)
        return (("entry", region_world.ON - timedelta(days=ages[1]), before), ("entry", newest, later))
    return (("entry", newest, later),)


def _drifted(mastery: float, mean: float, days: int, random: np.random.Generator) -> float:
    kept = 2.0 ** (-days / HALF_LIFE)
    moved = mean + kept * (mastery - mean) + SPREAD * (1 - kept**2) ** 0.5 * random.standard_normal()
    return float(np.clip(moved, LOWEST, HIGHEST))
