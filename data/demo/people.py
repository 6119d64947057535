"""Invented people of the demo region: schools of different sizes, ages, subjects, experience and categories."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from data.demo.words import DemoWords
from data.tables.rows import PersonRow
from recommender.territory import Territory

SCHOOL_SIZE: Final = 42
TUTOR_LOAD: Final = 100
WOMEN: Final = 0.82
YOUNG: Final = 0.13
DAYS: Final = 365.25
Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class School:
    """One invented school with its people: `staff` teachers and `managers`, the head first among these."""

    name: str
    municipality: str
    staff: int
    managers: int


@dataclass(frozen=True, slots=True)
class _Career:
    """What time has made of a person."""

    birth_date: date
    work_started: date
    qualification: str


@dataclass(frozen=True, slots=True)
class _Work:
    """What a person is employed for."""

    kind: str
    position: str
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoPeople:
    """People in order of their schools; `tutor` is the number of the tutor who accompanies each of them."""

    rows: tuple[PersonRow, ...]
    tutor: tuple[int, ...]


def demo_people(
    territory: Territory, words: DemoWords, count: int, on: date, random: np.random.Generator
) -> DemoPeople:
    """Return `count` people of a territory as they are on a day."""
    schools = _schools(territory, words, count, random)
    manages = np.concatenate([np.arange(school.staff + school.managers) < school.managers for school in schools])
    place = np.repeat(np.arange(len(schools)), [school.staff + school.managers for school in schools])
    age, experience = _ages(manages, random)
    subjects = random.choice(len(words.subjects), count, p=_shares(words))
    names = _names(words, count, random)
    luck = random.random(count)
    rows = tuple(
        _person(
            index,
            names[index],
            schools[place[index]],
            _career(on, float(age[index]), float(experience[index]), float(luck[index])),
            _work(words, bool(manages[index]), index == 0 or place[index] != place[index - 1], int(subjects[index])),
        )
        for index in range(count)
    )
    return DemoPeople(rows, _tutors(count))


def _schools(territory: Territory, words: DemoWords, count: int, random: np.random.Generator) -> list[School]:
    """Return schools of uneven size; municipalities that stand earlier in the territory's list have more of them."""
    number = max(1, min(count, round(count / SCHOOL_SIZE)))
    sizes = 1 + _apportioned(count - number, random.lognormal(0, 0.5, number))
    places = territory.municipalities or ("",)
    weights = 1 / np.arange(1, len(places) + 1)
    homes = np.searchsorted(np.cumsum(weights / weights.sum()), (np.arange(number) + 0.5) / number)
    patterns = words.schools if territory.municipal_level else words.city_schools
    return [
        School(
            patterns[index % len(patterns)].format(number=index + 1),
            places[homes[index]],
            int(size - managers),
            managers,
        )
        for index, size in enumerate(sizes.tolist())
        for managers in [min(size, 1 + size // 16)]
    ]


def _apportioned(total: int, weights: NDArray[np.float64]) -> Indices:
    """Return whole numbers that add up to a total in proportion to weights; the largest remainders are rounded up."""
    exact = total * weights / weights.sum()
    whole: Indices = np.floor(exact).astype(np.int64)
    rest = np.argsort(whole - exact, kind="stable")[: total - int(whole.sum())]
    whole[rest] += 1
    return whole


def _ages(manages: NDArray[np.bool_], random: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return ages and years of work: some teachers are at the beginning, some came from another work later."""
    count = len(manages)
    begins = (random.random(count) < YOUNG) & ~manages
    late = random.random(count) < 0.1
    started = np.where(late, random.uniform(27, 42, count), random.uniform(21, 25, count))
    experience = np.where(begins, random.uniform(0.1, 2.9, count), random.uniform(3.2, 40, count))
    experience = np.where(manages, random.uniform(9, 36, count), experience)
    return np.minimum(started + experience, 72.0), experience


def _shares(words: DemoWords) -> NDArray[np.float64]:
    shares = np.array([subject.share for subject in words.subjects], dtype=np.float64)
    return np.asarray(shares / shares.sum())


def _names(words: DemoWords, count: int, random: np.random.Generator) -> list[str]:
    """Return full names none of which is met twice: places in the product of surnames, names and patronymics."""
    women = random.random(count) < WOMEN
    names = [""] * count
    for female, first in ((True, words.female_names), (False, words.male_names)):
        wanted = np.flatnonzero(women == female)
        shape = (len(words.surnames), len(first), len(words.patronymics))
        drawn = random.choice(int(np.prod(shape)), len(wanted), replace=False)
        for index, surname, name, patronymic in zip(wanted, *np.unravel_index(drawn, shape), strict=True):
            names[index] = _full_name(words.surnames[surname], first[name], words.patronymics[patronymic], female)
    return names


def _full_name(surname: str, name: str, patronymic: str, female: bool) -> str:
    if not female:
        return f"{surname} {name} {patronymic}ич"
    ending = surname[:-2] + "ая" if surname.endswith("ий") else surname + "а"
    return f"{ending} {name} {patronymic}на"


def _person(index: int, name: str, school: School, career: _Career, work: _Work) -> PersonRow:
    return PersonRow(
        full_name=name,
        organisation=school.name,
        external_id=f"ДЕМО-{index + 1:05d}",
        birth_date=career.birth_date,
        kind=work.kind,
        position=work.position,
        subjects=work.subjects,
        municipality=school.municipality or None,
        work_started=career.work_started,
        qualification=career.qualification,
    )


def _career(on: date, age: float, experience: float, luck: float) -> _Career:
    started = on - timedelta(days=round(experience * DAYS))
    # People are employed for a school year, so work begins in September where that day has come.
    september = date(started.year, 9, 1)
    return _Career(
        birth_date=on - timedelta(days=round(age * DAYS)),
        work_started=september if september <= on else started,
        qualification=_qualification(experience, luck),
    )


def _qualification(experience: float, luck: float) -> str:
    if experience < 3:
        return "none"
    if experience > 12 and luck > 0.94:
        return "mentor" if luck > 0.97 else "methodist"
    for code, until in (("conformity", 0.3), ("first", 0.68), ("highest", 0.68 + min(0.26, experience / 100))):
        if luck < until:
            return code
    return "none"


def _work(words: DemoWords, manages: bool, head: bool, subject: int) -> _Work:
    positions = words.positions
    if manages:
        position = positions.head if head else positions.deputies[subject % len(positions.deputies)]
        return _Work("manager", position, ())
    names = words.subjects[subject].names
    return _Work("teacher", positions.primary if words.primary in names else positions.teacher, names)


def _tutors(count: int) -> tuple[int, ...]:
    # Neighbours in the list work in the same schools, so a tutor travels little.
    tutors = max(1, -(-count // TUTOR_LOAD))
    return tuple(index * tutors // count for index in range(count))


def municipalities_of(people: Sequence[PersonRow]) -> tuple[str, ...]:
    """Return the municipalities in which somebody works, those with most people first."""
    counts: dict[str, int] = {}
    for row in people:
        if row.municipality:
            counts[row.municipality] = counts.get(row.municipality, 0) + 1
    return tuple(sorted(counts, key=lambda name: (-counts[name], name)))
