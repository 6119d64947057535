"""A whole invented region for benchmarks: two hundred competencies, any number of people and activities, seeded."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from typing import Final

import numpy as np

from data.demo.activities import demo_activities
from data.demo.people import demo_people, municipalities_of
from data.demo.results import demo_results
from data.demo.words import DemoWords, SubjectShare, demo_words
from data.reference.loading import load_framework, load_territory
from data.tables.rows import PersonRow, ResultRow
from recommender.activity import Activity
from recommender.catalogue import build_catalogue
from recommender.diagnostics import DiagnosticResult, Person
from recommender.framework import Competency, Framework
from recommender.knowledge import Knowledge
from recommender.route import Limits, Request
from recommender.territory import Territory
from recommender.vocabulary import FORMATS

ON: Final = date(2026, 9, 1)
DISTRICT: Final = 2_000
"""People are drawn district by district, so that a large region is made in as little memory as a small one."""

FURTHER_SUBJECTS: Final = (
    *("Астрономия", "Дополнительное образование", "Дошкольное образование", "Изобразительное искусство", "Логопедия"),
    *("Дефектология", "Китайский язык", "Коррекционная педагогика", "Мировая художественная культура", "Немецкий язык"),
    *("ОБЗР", "Право", "Психология", "Родной язык", "Технология", "Физическая культура", "Французский язык"),
    *("Экология", "Экономика"),
)
"""With these a competency of a school subject is met as often per teacher as in the demo region."""


def wide_framework(framework: Framework, words: DemoWords, count: int) -> Framework:
    """Return a framework with `count` competencies: the given ones and, subject by subject in turn, further ones."""
    subjects = sorted({name for taught in words.subjects for name in taught.names})
    known = list(framework.competencies)
    if len(known) > count:
        raise ValueError(f"A wide framework has at least {len(known)} competencies, not {count}.")
    having = Counter(competency.subject for competency in known)
    for _ in range(count - len(known)):
        subject = min(subjects, key=lambda name: (having[name], name))
        having[subject] += 1
        code, title = f"{subject}-{having[subject]}", f"{subject}: раздел {having[subject]}"
        known.append(Competency(code, title, "Предметные", subject))
    return replace(framework, competencies=tuple(known), version=f"{framework.version} × {count}")


def wide_words(words: DemoWords) -> DemoWords:
    """Return the words with all the subjects of a region; each of the further ones has its few teachers."""
    taught = {name for share in words.subjects for name in share.names}
    further = tuple(SubjectShare((name,), 15) for name in FURTHER_SUBJECTS if name not in taught)
    return replace(words, subjects=(*words.subjects, *further))


def worded(words: DemoWords, framework: Framework) -> DemoWords:
    """Return the words with a theme for every competency and a retraining for every subject."""
    themes = {
        item.code: words.themes.get(item.code, (item.title,)) for item in framework.competencies if not item.parent
    }
    retraining = {item.subject: f"учитель: {item.subject}" for item in framework.competencies if item.subject}
    return replace(words, themes=themes, retraining={**retraining, **words.retraining})


@dataclass(frozen=True, slots=True)
class World:
    """What is the same for all people of an invented region, and the words that they are made of."""

    territory: Territory
    framework: Framework
    words: DemoWords
    activities: tuple[Activity, ...]
    seed: int


def world(activities: int, competencies: int, *, territory: str = "kamchatka", seed: int = 0) -> World:
    """Return an invented region without its people."""
    rules = load_territory(territory)
    plain = wide_words(demo_words())
    framework = wide_framework(load_framework(rules.framework), plain, competencies)
    words = worded(plain, framework)
    sample = demo_people(rules, words, DISTRICT, ON, np.random.default_rng((seed, 0)))
    offered = demo_activities(
        rules, framework, words, municipalities_of(sample.rows), activities, ON, np.random.default_rng((seed, 1))
    )
    return World(rules, framework, words, tuple(offered), seed)


def districts(made: World, people: int) -> Iterator[tuple[Sequence[PersonRow], Sequence[ResultRow]]]:
    """Yield the people of a region and their results, district by district; `person` of a result counts within it."""
    for first in range(0, people, DISTRICT):
        random = np.random.default_rng((made.seed, 2, first))
        rows = demo_people(made.territory, made.words, min(DISTRICT, people - first), ON, random).rows
        yield rows, list(demo_results(made.framework, made.words, rows, ON, random))


def region(
    people: int, activities: int, competencies: int, *, territory: str = "kamchatka", seed: int = 0
) -> tuple[Knowledge, Iterator[tuple[int, Request]]]:
    """Return the knowledge of a region and the numbered requests of its people, drawn as they are asked for."""
    made = world(activities, competencies, territory=territory, seed=seed)
    catalogue = build_catalogue(made.activities, made.framework, made.territory, "benchmark")
    return Knowledge(made.territory, made.framework, catalogue), _requests(made, people)


def _requests(made: World, people: int) -> Iterator[tuple[int, Request]]:
    rules = made.territory.route
    limits = Limits(rules.hours, rules.term_hours, frozenset(FORMATS), ON, ON.replace(year=ON.year + 1), rules.steps)
    number = count()
    for rows, measured in districts(made, people):
        results: list[list[DiagnosticResult]] = [[] for _ in rows]
        for one in measured:
            results[one.person].append(_result(one))
        for row, known in zip(rows, results, strict=True):
            yield next(number), Request(_person(row), tuple(known), (), limits, ON)


def _person(row: PersonRow) -> Person:
    young = row.birth_date is not None and (ON - row.birth_date).days < 35 * 365.25
    started = row.work_started is not None and (ON - row.work_started).days < 3 * 365.25
    return Person(row.kind or "teacher", row.subjects or (), row.municipality or "", young and started)


def _result(row: ResultRow) -> DiagnosticResult:
    tasks = None if row.maximum is None or row.form == "self" else int(row.maximum)
    return DiagnosticResult(row.competency, row.percent, row.form, row.stage, row.taken_on, row.source or "", tasks)
