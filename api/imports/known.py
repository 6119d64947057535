"""What the service knows already, in the form in which planners of imports ask for it."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from data.reference.words import compared
from data.tables.headcounts import headcount_key
from data.tables.rows import (
    CompetencyRow,
    HeadcountKey,
    HeadcountRow,
    KnownActivity,
    KnownCompetency,
    KnownHeadcount,
    KnownMentor,
    KnownPerson,
    KnownResponse,
    KnownResult,
    KnownTask,
    KnownWish,
    MentorRow,
    PersonRow,
    ResponseKey,
    ResultKey,
    TaskRow,
)
from models.activities import activity_ids, load_activities
from models.diagnostics import stored_results
from models.headcounts import headcounts_of
from models.mentors import mentor_records, wish_records
from models.people import person_values
from models.responses import stored_responses, tasks_of
from models.scope import Scope
from models.session import Session
from models.territories import competency_records
from recommender.vocabulary import FORMS, STAGES


def known_people(session: Session, scopes: Sequence[Scope]) -> list[KnownPerson]:
    """Return everybody that the scopes reach."""
    return [
        KnownPerson(
            row["id"],
            PersonRow(
                full_name=row["full_name"],
                organisation=row["organisation"],
                external_id=row["external_id"],
                birth_date=row["birth_date"],
                birth_year=row["birth_year"],
                kind=row["kind"],
                position=row["position"] or None,
                subjects=tuple(row["subjects"]) or None,
                municipality=row["municipality"] or None,
                work_started=row["work_started"],
                experience_years=row["experience_years"],
                qualification=row["qualification"] or None,
            ),
        )
        for row in person_values(session, scopes)
    ]


def known_activities(session: Session, territory: str) -> dict[str, KnownActivity]:
    """Return the catalogue of a territory by code."""
    ids = activity_ids(session, territory)
    return {entry.code: KnownActivity(ids[entry.code], entry) for entry in load_activities(session, territory)}


def known_competencies(session: Session, territory: str) -> dict[str, KnownCompetency]:
    """Return the competencies of a territory by code."""
    return {
        code: KnownCompetency(record.id, CompetencyRow(record.code, record.title, record.area, record.subject))
        for code, record in competency_records(session, territory).items()
    }


def known_mentors(session: Session, scopes: Sequence[Scope]) -> dict[int, KnownMentor]:
    """Return the mentors that the scopes reach by person."""
    return {
        record.person_id: KnownMentor(
            record.id,
            MentorRow(
                person=record.person_id,
                places=record.places,
                strengths=tuple(record.strengths),
                subjects=tuple(record.subjects),
                formats=tuple(record.formats),
                contest=record.contest,
                consent=record.consent,
            ),
        )
        for record in mentor_records(session, scopes)
    }


def known_wishes(session: Session, scopes: Sequence[Scope]) -> dict[tuple[int, int], KnownWish]:
    """Return the wishes for mentees that the scopes reach by (mentee, mentor)."""
    return {(wish.mentee_id, wish.mentor_id): KnownWish(wish.id, wish.kind) for wish in wish_records(session, scopes)}


def known_headcounts(session: Session, territory: str) -> dict[HeadcountKey, KnownHeadcount]:
    """Return the headcounts of a territory by what makes each the same."""
    names = ("year", "what", "value", "municipality", "subject", "source")
    found = {
        one.id: HeadcountRow(**{name: getattr(one, name) for name in names})
        for one in headcounts_of(session, territory)
    }
    return {headcount_key(row): KnownHeadcount(row_id, row) for row_id, row in found.items()}


def known_responses(session: Session, scopes: Sequence[Scope]) -> dict[ResponseKey, KnownResponse]:
    """Return the answers of the people that the scopes reach."""
    return {
        (person, taken_on, compared(task)): KnownResponse(row_id, score, maximum)
        for row_id, person, taken_on, task, score, maximum in stored_responses(session, scopes)
    }


def known_tasks(session: Session, territory: str) -> dict[str, KnownTask]:
    """Return the tasks of a territory by compared name."""
    return {
        compared(one.task): KnownTask(one.id, TaskRow(one.task, tuple(one.competencies)))
        for one in tasks_of(session, territory)
    }


DAYS: Final = 1 << 20
MOST_CODES: Final = 1 << 13


class KnownResults(Mapping[ResultKey, KnownResult]):
    """The results of a territory, in arrays: a region has millions of them, and a file asks for some.

    A key is packed into one number (person, competency, day, stage, form), and the numbers are kept sorted.
    """

    def __init__(self, session: Session, scopes: Sequence[Scope]) -> None:
        self._codes: dict[str, int] = {}
        self._sources: list[str] = []
        numbers: dict[str, int] = {}
        keys, ids, sources = array("q"), array("q"), array("l")
        values = array("d")
        for row_id, person, code, day, stage, form, percent, score, maximum, source in stored_results(session, scopes):
            number = self._codes.setdefault(code, len(self._codes))
            keys.append(_packed(person, number, day, stage, form))
            ids.append(row_id)
            sources.append(numbers.setdefault(source, len(numbers)))
            values.extend((percent, np.nan if score is None else score, np.nan if maximum is None else maximum))
        self._sources = list(numbers)
        unsorted: NDArray[np.int64] = np.frombuffer(keys, dtype=np.int64) if keys else np.empty(0, np.int64)
        self._order = np.argsort(unsorted, kind="stable")
        self._keys = unsorted[self._order]
        self._ids, self._source, self._values = ids, sources, values

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[ResultKey]:
        codes = list(self._codes)
        for key in self._keys.tolist():
            key, form = divmod(key, len(FORMS))
            key, stage = divmod(key, len(STAGES))
            key, day = divmod(key, DAYS)
            person, number = divmod(key, MOST_CODES)
            yield person, codes[number], date.fromordinal(day), STAGES[stage], FORMS[form]

    def __getitem__(self, key: ResultKey) -> KnownResult:
        person, code, day, stage, form = key
        if code not in self._codes:
            raise KeyError(key)
        packed = _packed(person, self._codes[code], day, stage, form)
        place = int(np.searchsorted(self._keys, packed))
        if place == len(self._keys) or self._keys[place] != packed:
            raise KeyError(key)
        row = int(self._order[place])
        percent, score, maximum = self._values[3 * row : 3 * row + 3]
        return KnownResult(
            self._ids[row],
            percent,
            None if np.isnan(score) else score,
            None if np.isnan(maximum) else maximum,
            self._sources[self._source[row]],
        )


def _packed(person: int, code: int, day: date, stage: str, form: str) -> int:
    """Pack a key into 63 bits: there is room for fifty million people and eight thousand competencies."""
    number = (person * MOST_CODES + code) * DAYS + day.toordinal()
    return (number * len(STAGES) + STAGES.index(stage)) * len(FORMS) + FORMS.index(form)
