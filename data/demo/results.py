"""Simulated diagnostics of the demo region: related abilities, honest measurement error, growth between stages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from data.demo.words import DemoWords
from data.tables.rows import PersonRow, ResultRow
from recommender.framework import Competency, Framework
from recommender.vocabulary import STAGES

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Standard deviations of mastery by what people, areas and single competencies have in common.
GENERAL, OF_AREA, OF_COMPETENCY, OF_DIFFICULTY = 0.085, 0.06, 0.085, 0.04
MEAN: Final = 0.775
STRONG, STRONG_BY = 0.05, 0.3
MASTERY: Final = (0.08, 0.98)
GROWTH: Final = (0.06, 0.04)
NEVER_DIAGNOSED, SELF_ONLY, THREE_STAGES, TWO_STAGES = 0.05, 0.08, 0.15, 0.1
SECOND_FORM, SELF_BESIDE = 0.12, 0.2
SELF_BIAS, SELF_ERROR = 0.05, 0.12
SELF_STEPS: Final = 10
TASKS: Final = (8, 21)
# How many days before «on» the stages were taken, by their number; two stages are the entry and the final one.
STAGE_DAYS: Final[Mapping[int, tuple[int, ...]]] = {1: (80,), 2: (290, 70, 70), 3: (420, 240, 60)}
WAVE: Final = 45
MANAGEMENT: Final = "Управленческие"


@dataclass(frozen=True)
class _Measured:
    """Columns of measurements, one entry per value: indices of people, competencies, stages and forms, and scores."""

    person: Indices
    competency: Indices
    stage: Indices
    form: Indices
    score: Indices
    maximum: Indices

    def ordered(self) -> "_Measured":
        """Return the same values by person, stage, competency and form."""
        at = np.lexsort((self.form, self.competency, self.stage, self.person))
        return _Measured(
            self.person[at], self.competency[at], self.stage[at], self.form[at], self.score[at], self.maximum[at]
        )


FORM_CODES: Final = ("test", "expert", "video", "observation", "self")
SELF: Final = FORM_CODES.index("self")


def demo_results(
    framework: Framework,
    words: DemoWords,
    people: Sequence[PersonRow],
    on: date,
    random: np.random.Generator,
) -> tuple[ResultRow, ...]:
    """Return the results of all people in order of people, dates and the framework; `person` is an index."""
    competencies = [competency for competency in framework.competencies if not competency.parent]
    mastery, person, competency = _mastery(people, competencies, random)
    stages = _stages(len(people), random)
    parts = [
        *_staged(mastery, person, competency, stages, random),
        _beside(mastery, person, competency, stages, random),
    ]
    measured = _joined([part for part in parts if len(part.person)])
    wave = random.integers(0, WAVE, len(people))
    return _rows(measured, competencies, words, _dates(stages, wave, on))


def _mastery(
    people: Sequence[PersonRow], competencies: Sequence[Competency], random: np.random.Generator
) -> tuple[Floats, Indices, Indices]:
    """Return true mastery of every person in every competency that belongs to their work, with both indices."""
    general = GENERAL * random.standard_normal(len(people)) + STRONG_BY * (random.random(len(people)) < STRONG)
    areas = sorted({competency.area for competency in competencies})
    of_area = OF_AREA * random.standard_normal((len(people), len(areas)))
    difficulty = OF_DIFFICULTY * random.standard_normal(len(competencies))
    person, competency = _belonging(people, competencies)
    area = np.array([areas.index(item.area) for item in competencies])
    mastery = MEAN + general[person] + of_area[person, area[competency]] - difficulty[competency]
    mastery += OF_COMPETENCY * random.standard_normal(len(person))
    return np.clip(mastery, *MASTERY), person, competency


def _belonging(people: Sequence[PersonRow], competencies: Sequence[Competency]) -> tuple[Indices, Indices]:
    """Return the pairs of person and competency that are diagnosed; people with the same work share one list."""
    lists: dict[tuple[str | None, tuple[str, ...]], list[int]] = {}
    chosen: list[list[int]] = []
    for row in people:
        key = (row.kind, row.subjects or ())
        if key not in lists:
            lists[key] = [i for i, item in enumerate(competencies) if _asked(item, *key)]
        chosen.append(lists[key])
    person = np.repeat(np.arange(len(people)), [len(items) for items in chosen])
    return person, np.array([item for items in chosen for item in items], dtype=np.int64)


def _asked(competency: Competency, kind: str | None, subjects: tuple[str, ...]) -> bool:
    if competency.area == MANAGEMENT:
        return kind == "manager"
    return not competency.subject or competency.subject in subjects


def _stages(people: int, random: np.random.Generator) -> Indices:
    """Return how many stages each person has: 0 was never diagnosed, −1 has a self-assessment and nothing else."""
    luck = random.random(people)
    edges = np.cumsum([NEVER_DIAGNOSED, SELF_ONLY, THREE_STAGES, TWO_STAGES])
    return np.array([0, -1, 3, 2, 1])[np.searchsorted(edges, luck, side="right")]


def _staged(
    mastery: Floats, person: Indices, competency: Indices, stages: Indices, random: np.random.Generator
) -> Iterator[_Measured]:
    """Yield the tests of each stage; what was weak grows more from one stage to the next."""
    tasks = random.integers(*TASKS, competency.max() + 1 if len(competency) else 1)
    for stage in range(max(STAGE_DAYS)):
        at = np.flatnonzero(stages[person] > stage)
        level = mastery[at]
        grown = stage * np.maximum(0, random.normal(*GROWTH, len(at))) * (1.4 - level)
        # Those who went through several stages began lower, so that their last result is like that of the others.
        began = level - 0.5 * GROWTH[0] * (stages[person[at]] - 1)
        maximum = tasks[competency[at]]
        score = random.binomial(maximum, np.clip(began + grown, *MASTERY))
        form = np.zeros(len(at), dtype=np.int64)
        named = np.where((stages[person[at]] == 2) & (stage == 1), 2, stage)
        yield _Measured(person[at], competency[at], named, form, score, maximum)


def _beside(
    mastery: Floats, person: Indices, competency: Indices, stages: Indices, random: np.random.Generator
) -> _Measured:
    """Return self-assessments and second opinions of the first stage: less exact, and for some people the only ones."""
    people = len(stages)
    assessed = (stages == -1) | ((stages > 0) & (random.random(people) < SELF_BESIDE))
    other = np.where((stages > 0) & (random.random(people) < SECOND_FORM), random.integers(1, SELF, people), 0)
    selfs = _judged(np.flatnonzero(assessed[person]), np.full(people, SELF), mastery, person, competency, random)
    # A second opinion is given on every third competency only.
    heard = np.flatnonzero((other[person] > 0) & (competency % 3 == 0))
    return _joined([selfs, _judged(heard, other, mastery, person, competency, random)])


def _judged(
    at: Indices, form: Indices, mastery: Floats, person: Indices, competency: Indices, random: np.random.Generator
) -> _Measured:
    forms = form[person[at]]
    bias = np.where(forms == SELF, SELF_BIAS, 0.0)
    error = np.where(forms == SELF, SELF_ERROR, SELF_ERROR / 2)
    seen = np.clip(mastery[at] + bias + error * random.standard_normal(len(at)), 0, 1)
    maximum = np.full(len(at), SELF_STEPS)
    first = np.zeros(len(at), dtype=np.int64)
    return _Measured(person[at], competency[at], first, forms, np.rint(seen * SELF_STEPS).astype(np.int64), maximum)


def _joined(parts: Sequence[_Measured]) -> _Measured:
    names = ("person", "competency", "stage", "form", "score", "maximum")
    columns = [np.concatenate([getattr(part, name) for part in parts]) for name in names]
    return _Measured(*columns)


def _dates(stages: Indices, wave: Indices, on: date) -> list[list[date]]:
    """Return the day of each stage of each person; a Saturday or Sunday moves to the Friday before."""
    return [
        [_weekday(on - timedelta(days=before + int(shift))) for before in STAGE_DAYS[max(1, int(count))]]
        for count, shift in zip(stages, wave, strict=True)
    ]


def _weekday(day: date) -> date:
    return day - timedelta(days=max(0, day.weekday() - 4))


def _rows(
    measured: _Measured, competencies: Sequence[Competency], words: DemoWords, dates: Sequence[Sequence[date]]
) -> tuple[ResultRow, ...]:
    ordered = measured.ordered()
    codes = [competency.code for competency in competencies]
    sources = [words.sources[form] for form in FORM_CODES]
    # Few numbers are met very often: each is made once, which spares memory in large regions.
    numbers = [float(number) for number in range(TASKS[1])]
    percents = [[100 * score / max(1, maximum) for score in numbers] for maximum in range(TASKS[1])]
    columns = (ordered.person, ordered.competency, ordered.stage, ordered.form, ordered.score, ordered.maximum)
    return tuple(
        ResultRow(
            person=person,
            competency=codes[competency],
            taken_on=dates[person][stage],
            stage=STAGES[stage],
            form=FORM_CODES[form],
            percent=percents[maximum][score],
            score=numbers[score],
            maximum=numbers[maximum],
            source=sources[form],
        )
        for person, competency, stage, form, score, maximum in zip(
            *(column.tolist() for column in columns), strict=True
        )
    )
