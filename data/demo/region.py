"""The seeded demo region: people, diagnostics and activities of any size, invented and marked «демо»."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from data.demo.activities import demo_activities
from data.demo.people import demo_people, municipalities_of
from data.demo.results import demo_results
from data.demo.words import demo_words
from data.tables.rows import PersonRow, ResultRow
from recommender.activity import Activity
from recommender.framework import Framework
from recommender.territory import Territory

PEOPLE: Final = 400
ACTIVITIES: Final = 150
MOST_PEOPLE: Final = 100_000
MOST_ACTIVITIES: Final = 20_000


@dataclass(frozen=True, slots=True)
class DemoRegion:
    """A whole invented region as of a day.

    `person` of a result is an index into `people`; `tutor` gives each person the number of a tutor, from 0 on.
    """

    territory: str
    on: date
    people: tuple[PersonRow, ...]
    tutor: tuple[int, ...]
    results: tuple[ResultRow, ...]
    activities: tuple[Activity, ...]


def demo_region(
    territory: Territory,
    framework: Framework,
    *,
    on: date,
    people: int = PEOPLE,
    activities: int = ACTIVITIES,
    seed: int = 0,
) -> DemoRegion:
    """Return the demo region of a territory as it looks on the day `on`; the same arguments give the same region.

    Dates are counted from `on`: diagnostics lie before it, most deliveries after it. People, results and activities
    are drawn independently, so that more activities leave the people as they are. Raises ValueError for sizes that
    are no region.
    """
    if not 1 <= people <= MOST_PEOPLE:
        raise ValueError(f"A demo region has 1 to {MOST_PEOPLE} people, not {people}.")
    if not 0 <= activities <= MOST_ACTIVITIES:
        raise ValueError(f"A demo region has 0 to {MOST_ACTIVITIES} activities, not {activities}.")
    words = demo_words()
    of_people, of_results, of_activities = map(np.random.default_rng, np.random.SeedSequence(seed).spawn(3))
    persons = demo_people(territory, words, people, on, of_people)
    return DemoRegion(
        territory=territory.code,
        on=on,
        people=persons.rows,
        tutor=persons.tutor,
        results=demo_results(framework, words, persons.rows, on, of_results),
        activities=demo_activities(
            territory, framework, words, municipalities_of(persons.rows), activities, on, of_activities
        ),
    )
