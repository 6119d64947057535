"""A whole invented region for benchmarks: two hundred competencies, any number of people and activities, seeded."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Final

import numpy as np

from data.reference import load_framework, load_territory
from data.rows import PersonRow, ResultRow
from data.synthetic_activities import demo_activities
from data.synthetic_people import demo_people, municipalities_of
from data.synthetic_results import demo_results
from data.synthetic_words import DemoWords, SubjectShare, demo_words
from recommender.catalogue import build_catalogue
from recommender.diagnostics import DiagnosticResult, Person
from recommender.framework import Competency, Framework
from recommender.recommendation import Knowledge
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


def region(
    people: int, activities: int, competencies: int, *, territory: str = "kamchatka", seed: int = 0
) -> tuple[Knowledge, Iterator[tuple[int, Request]]]:
    """Return the knowledge of a region and the numbered requests of its people, drawn as they are asked for."""
    rules = load_territory(territory)
    plain = wide_words(demo_words())
    framework = wide_framework(load_framework(rules.framework), plain, competencies)
    words = worded(plain, framework)
    sample = demo_people(rules, words, DISTRICT, ON, np.random.default_rng((seed, 0)))
    offered = demo_activities(
        rules, framework, words, municipalities_of(sample.rows), activities, ON, np.random.default_rng((seed, 1))
    )
    knowledge = Knowledge(rules, framework, build_catalogue(offered, framework, rules, "benchmark"))
    return knowledge, _requests(people, rules, framework, words, seed)


def _requests(
    people: int, territory: Territory, framework: Framework, words: DemoWords, seed: int
) -> Iterator[tuple[int, Request]]:
    rules = territory.route
    limits = Limits(rules.hours, rules.term_hours, frozenset(FORMATS), ON, ON.replace(year=ON.year + 1), rules.steps)
    for first in range(0, people, DISTRICT):
        count = min(DISTRICT, people - first)
        random = np.random.default_rng((seed, 2, first))
        rows = demo_people(territory, words, count, ON, random).rows
        results: list[list[DiagnosticResult]] = [[] for _ in rows]
        for row in demo_results(framework, words, rows, ON, random):
            results[row.person].append(_result(row))
        for number, (row, known) in enumerate(zip(rows, results, strict=True)):
            yield first + number, Request(_person(row), tuple(known), (), limits, ON)


def _person(row: PersonRow) -> Person:
    young = row.birth_date is not None and (ON - row.birth_date).days < 35 * 365.25
    started = row.work_started is not None and (ON - row.work_started).days < 3 * 365.25
    return Person(row.kind or "teacher", row.subjects or (), row.municipality or "", young and started)


def _result(row: ResultRow) -> DiagnosticResult:
    tasks = None if row.maximum is None or row.form == "self" else int(row.maximum)
    return DiagnosticResult(row.competency, row.percent, row.form, row.stage, row.taken_on, row.source or "", tasks)
