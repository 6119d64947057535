"""Mentees and mentors as arrays: what a block of pairs needs to be measured at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from recommender.assignment.flow import Ints
from recommender.mentoring.fit import (
    MILLION,
    Neighbours,
    closeness,
    load_part,
    mentor_places,
    need_units,
    waiting_part,
    wish_parts,
)
from recommender.mentoring.values import Mentee, Mentor, PairRules

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
PairUnits = tuple[Ints, Ints, Ints]
Person = TypeVar("Person", bound=Mentee | Mentor)


@dataclass(frozen=True)
class People:
    """One side of the pairs, by row: who takes part, where, in which formats, with which experience (NaN: unknown)
    and with what everyone of them brings to any fit, in millionths."""

    taking_part: Bools
    town: Ints
    in_person: Bools
    distance: Bools
    experience: Floats
    units: Ints


@dataclass(frozen=True)
class PairTable:
    """All that the fit of a pair needs.

    `close` (t, t) is the closeness of towns. `needs` (n, k) are rows of `certain`, padded by a competency in which
    nobody is strong, with `need_units` (n, k): millionths of weight × share. `certain` (c, m) is the certain mastery
    of strong mentors, 0 for all others. `subjects` (n, s) are rows of `teaches` (u, m), padded by a subject that
    nobody teaches. `bans` and `extras` are pairs by row of the mentee: (mentee, mentor, units). `itself` (n,) is a
    person's own row among the mentors, −1 for others; `places` (m,) what running pairs leave.
    """

    rules: PairRules
    mentees: People
    mentors: People
    close: Ints
    needs: Ints
    need_units: Floats
    certain: Floats
    subjects: Ints
    teaches: Bools
    bans: PairUnits
    extras: PairUnits
    itself: Ints
    places: Ints


def build_table(
    mentees: Sequence[Mentee],
    mentors: Sequence[Mentor],
    rules: PairRules,
    neighbours: Neighbours,
    bans: Iterable[tuple[int, int]] = (),
) -> PairTable:
    """Return the array form of a region; `bans` are pairs (mentee, mentor) of rows beside what people declined."""
    mentor_row = {mentor.key: row for row, mentor in enumerate(mentors)}
    mentee_row = {mentee.key: row for row, mentee in enumerate(mentees)}
    towns = _numbered([*(one.municipality for one in mentees), *(one.municipality for one in mentors)])
    needs, need_units, certain = _needs(mentees, mentors, rules)
    subjects, teaches = _subjects(mentees, mentors)
    close = [[closeness(first, second, neighbours) for second in towns] for first in towns]
    return PairTable(
        rules=rules,
        mentees=_mentee_side(mentees, rules, towns),
        mentors=_mentor_side(mentors, rules, towns),
        close=np.array(close, dtype=np.int64).reshape(len(towns), len(towns)),
        needs=needs,
        need_units=need_units,
        certain=certain,
        subjects=subjects,
        teaches=teaches,
        bans=_bans(mentees, mentors, mentee_row, mentor_row, bans),
        extras=_extras(mentees, mentors, mentee_row, mentor_row, rules),
        itself=_column(mentees, lambda one: mentor_row.get(one.key, -1), np.int64),
        places=places_of(mentors, rules),
    )


def mentee_may(mentee: Mentee, rules: PairRules) -> bool:
    """Return whether a mentee takes part in pairs of this kind."""
    return mentee.consent and bool(mentee.groups & rules.mentee_groups)


def mentor_may(mentor: Mentor, rules: PairRules) -> bool:
    """Return whether a mentor takes part in pairs of this kind."""
    chosen = mentor.contest or not rules.contest_required
    return mentor.consent and chosen and bool(mentor.groups & rules.mentor_groups)


def places_of(mentors: Sequence[Mentor], rules: PairRules) -> Ints:
    """Return the places (m,) of mentors that running pairs leave."""
    return _column(mentors, lambda one: mentor_places(one, rules), np.int64)


def _mentee_side(mentees: Sequence[Mentee], rules: PairRules, towns: Mapping[str, int]) -> People:
    possible = round(rules.weights.possible * MILLION)
    return _side(
        mentees,
        towns,
        _column(mentees, lambda one: mentee_may(one, rules), np.bool_),
        _column(mentees, lambda one: possible + round(waiting_part(one, rules) * MILLION), np.int64),
    )


def _mentor_side(mentors: Sequence[Mentor], rules: PairRules, towns: Mapping[str, int]) -> People:
    contest = round(rules.weights.contest * MILLION)
    return _side(
        mentors,
        towns,
        _column(mentors, lambda one: mentor_may(one, rules), np.bool_),
        _column(mentors, lambda one: contest * one.contest + round(load_part(one, rules) * MILLION), np.int64),
    )


def _side(
    people: Sequence[Mentee] | Sequence[Mentor], towns: Mapping[str, int], taking_part: Bools, units: Ints
) -> People:
    return People(
        taking_part=taking_part,
        town=_column(people, lambda one: towns[one.municipality], np.int64),
        in_person=_column(people, lambda one: "in_person" in one.formats, np.bool_),
        distance=_column(people, lambda one: "distance" in one.formats, np.bool_),
        experience=_column(people, lambda one: _years(one.experience), np.float64),
        units=units,
    )


def _needs(mentees: Sequence[Mentee], mentors: Sequence[Mentor], rules: PairRules) -> tuple[Ints, Floats, Floats]:
    competencies = _numbered(need.competency for mentee in mentees for need in mentee.needs)
    certain = np.zeros((len(competencies) + 1, len(mentors)))
    for row, mentor in enumerate(mentors):
        for one in mentor.strengths:
            if one.mastery >= rules.strong_at and one.competency in competencies:
                certain[competencies[one.competency], row] = one.certain
    listed = [need_units(mentee, rules) for mentee in mentees]
    needs = _padded([[competencies[code] for code, _ in needs] for needs in listed], len(competencies))
    units = np.zeros(needs.shape)
    for row, of_mentee in enumerate(listed):
        units[row, : len(of_mentee)] = [value for _, value in of_mentee]
    return needs, units, certain


def _subjects(mentees: Sequence[Mentee], mentors: Sequence[Mentor]) -> tuple[Ints, Bools]:
    subjects = _numbered(subject for mentee in mentees for subject in mentee.subjects)
    teaches = np.zeros((len(subjects) + 1, len(mentors)), dtype=np.bool_)
    for row, mentor in enumerate(mentors):
        for subject in mentor.subjects & subjects.keys():
            teaches[subjects[subject], row] = True
    listed = [[subjects[subject] for subject in sorted(mentee.subjects)] for mentee in mentees]
    return _padded(listed, len(subjects)), teaches


def _bans(
    mentees: Sequence[Mentee],
    mentors: Sequence[Mentor],
    mentee_row: Mapping[str, int],
    mentor_row: Mapping[str, int],
    bans: Iterable[tuple[int, int]],
) -> PairUnits:
    refused = {(row, mentor_row[key]) for row, one in enumerate(mentees) for key in one.declined if key in mentor_row}
    refused |= {(mentee_row[key], row) for row, one in enumerate(mentors) for key in one.declined if key in mentee_row}
    return _pair_units(dict.fromkeys(refused | set(bans), 0))


def _extras(
    mentees: Sequence[Mentee],
    mentors: Sequence[Mentor],
    mentee_row: Mapping[str, int],
    mentor_row: Mapping[str, int],
    rules: PairRules,
) -> PairUnits:
    """Wishes and earlier pairs are few, so that they are listed pair by pair."""
    named = [{*one.wanted, *one.unwanted, *(key for key, _ in one.earlier)} for one in mentees]
    pairs = {(row, mentor_row[key]) for row, keys in enumerate(named) for key in keys if key in mentor_row}
    for row, mentor in enumerate(mentors):
        pairs |= {(mentee_row[key], row) for key in mentor.wanted | mentor.unwanted if key in mentee_row}
    return _pair_units(
        {
            (mentee, mentor): sum(
                round(value * MILLION) for _, value in wish_parts(mentees[mentee], mentors[mentor], rules)
            )
            for mentee, mentor in pairs
        }
    )


def _pair_units(units: Mapping[tuple[int, int], int]) -> PairUnits:
    listed = sorted((mentee, mentor, value) for (mentee, mentor), value in units.items())
    columns = np.array(listed, dtype=np.int64).reshape(-1, 3)
    return columns[:, 0], columns[:, 1], columns[:, 2]


def _padded(rows: Sequence[Sequence[int]], filler: int) -> Ints:
    table = np.full((len(rows), max(map(len, rows), default=0)), filler, dtype=np.int64)
    for row, values in enumerate(rows):
        table[row, : len(values)] = values
    return table


def _years(experience: float | None) -> float:
    return float("nan") if experience is None else float(experience)


def _numbered(codes: Iterable[str]) -> dict[str, int]:
    return {code: number for number, code in enumerate(sorted(set(codes)))}


def _column(people: Sequence[Person], value: Callable[[Person], float], kind: type[np.generic]) -> NDArray[Any]:
    return np.array([value(one) for one in people], dtype=kind).reshape(len(people))
