"""The catalogue of activities as arrays, with the activities of each competency at hand."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.activity import Activity
from recommender.framework import Framework
from recommender.gains import hours_of, prior_of, relevances
from recommender.refusals import Refused
from recommender.territory import Territory
from recommender.text import fold
from recommender.vocabulary import ATTENDED_FORMATS, AUDIENCES, FORMATS, PROGRAMME_KINDS

NEVER = date.max.toordinal()
PROGRAMME_HOURS: Mapping[str, float] = {"pk": 16.0, "pp": 250.0}
"""Least hours of a programme (order 266 of 24.03.2025)."""

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Links:
    """Rows of sparse links: those of row r are `columns[first[r]:first[r + 1]]`, ascending within a row."""

    first: Indices
    columns: Indices

    def of(self, row: int) -> Indices:
        """Return the columns of a row."""
        return self.columns[self.first[row] : self.first[row + 1]]


@dataclass(frozen=True, eq=False)
class Tags:
    """The activities of each competency (in order of the framework), with what each of them gives to it.

    `links` has a row per competency; the other arrays run beside `links.columns`. gain = min(1, prior × relevance ×
    confirmed), spread likewise with the prior's standard deviation.
    """

    links: Links
    gain: Floats
    spread: Floats
    relevance: Floats
    confirmed: Floats


@dataclass(frozen=True, eq=False)
class Deliveries:
    """All deliveries in a row; those of activity a are `first[a]` to `first[a + 1]`.

    `starts` and `ends` are day numbers, 0 where there is none (a delivery with a start alone lasts a day); `places`
    is −1 where there is no limit; `owner` is the activity.
    """

    first: Indices
    owner: Indices
    starts: Indices
    ends: Indices
    places: Indices


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All activities of a territory in order of their codes, and arrays over them in the same order.

    `hours` is NaN where neither the source nor the territory gives any; `prior` is 0 where the territory expects
    nothing of that kind and so few hours. `audience` and `subjects` are bit masks (0: for everyone), `place` is a
    number of `places` or −1. `expires` is the day until which the register's entry holds, `last_start` the last day on
    which learning may begin by that and by the rule on providers.
    """

    version: str
    activities: tuple[Activity, ...]
    position: Mapping[str, int]
    competencies: Mapping[str, int]
    hours: Floats
    prior: Floats
    minimum_hours: Floats
    format: NDArray[np.int8]
    attended: Flags
    programme: Flags
    formal: Flags
    practice: Flags
    private: Flags
    expires: Indices
    last_start: Indices
    audience: NDArray[np.uint8]
    subjects: NDArray[np.uint64]
    subject_bits: Mapping[str, int]
    place: Indices
    places: Mapping[str, int]
    deliveries: Deliveries
    tags: Tags
    requires: Links
    """Columns are activities; an activity that the catalogue does not have is −1."""

    def subject_mask(self, subjects: Iterable[str]) -> NDArray[np.uint64]:
        """Return the mask of a person's subjects; subjects that no activity has leave no trace in it."""
        bits = [self.subject_bits[name] for subject in subjects if (name := fold(subject)) in self.subject_bits]
        return _mask(bits, self.subjects.shape[1])


def gather(first: Indices, rows: NDArray[np.integer[Any]]) -> Indices:
    """Return the places of all entries of some rows of sparse links, one row after another."""
    count = first[rows + 1] - first[rows]
    within = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    places: Indices = (np.repeat(first[rows], count) + within).astype(np.int32)
    return places


def build_catalogue(
    activities: Iterable[Activity], framework: Framework, territory: Territory, version: str
) -> Catalogue:
    """Return the array form of a catalogue; the order of `activities` is of no consequence.

    Raises `Refused` for a repeated code, an unknown kind, format or audience, and a competency outside the framework.
    """
    ordered = tuple(sorted(activities, key=lambda activity: activity.code))
    position = {activity.code: index for index, activity in enumerate(ordered)}
    _refuse_faulty(ordered, position)
    hours = [hours_of(activity, territory) for activity in ordered]
    requires = _requires(ordered, position)
    subject_bits = _numbers(fold(subject) for activity in ordered for subject in activity.subjects)
    places = _numbers(fold(name) for name in (*territory.municipalities, *(a.municipality for a in ordered)) if name)
    registers = set(territory.registers)
    competencies = {competency.code: index for index, competency in enumerate(framework.competencies)}
    priors = [
        None if value is None else prior_of(activity.kind, value, territory)
        for activity, value in zip(ordered, hours, strict=True)
    ]
    return Catalogue(
        version=version,
        activities=ordered,
        position=position,
        competencies=competencies,
        hours=np.array([np.nan if value is None else value for value in hours], dtype=np.float64),
        prior=np.array([0.0 if prior is None else prior.gain for prior in priors], dtype=np.float64),
        minimum_hours=np.array([PROGRAMME_HOURS.get(activity.kind, 0.0) for activity in ordered], dtype=np.float64),
        format=np.array([FORMATS.index(activity.format) for activity in ordered], dtype=np.int8),
        attended=_flags(activity.format in ATTENDED_FORMATS for activity in ordered),
        programme=_flags(activity.kind in PROGRAMME_KINDS for activity in ordered),
        formal=_flags(a.kind in PROGRAMME_KINDS and bool(registers & set(a.registers)) for a in ordered),
        practice=_flags(activity.kind in territory.route.practice_kinds for activity in ordered),
        private=_flags(activity.provider_kind == "other" for activity in ordered),
        expires=np.array([_day(activity.register_until) or NEVER for activity in ordered], dtype=np.int32),
        last_start=np.array([_last_start(activity, territory) for activity in ordered], dtype=np.int32),
        audience=np.array([_bits(activity.audience, AUDIENCES) for activity in ordered], dtype=np.uint8),
        subjects=_subject_masks(ordered, subject_bits),
        subject_bits=subject_bits,
        place=np.array([places[fold(a.municipality)] if a.municipality else -1 for a in ordered], dtype=np.int32),
        places=places,
        deliveries=_deliveries(ordered),
        tags=_tags(ordered, competencies, priors_of=[(0.0, 0.0) if p is None else (p.gain, p.spread) for p in priors]),
        requires=requires,
    )


def _last_start(activity: Activity, territory: Territory) -> int:
    barred = activity.kind in PROGRAMME_KINDS and activity.provider_kind == "other"
    before = territory.providers_since.toordinal() - 1 if barred else NEVER
    return min(before, _day(activity.register_until) or NEVER)


def _refuse_faulty(ordered: Sequence[Activity], position: Mapping[str, int]) -> None:
    if len(position) < len(ordered):
        twice = next(a.code for a, b in zip(ordered, ordered[1:], strict=False) if a.code == b.code)
        raise Refused("repeated_activity", activity=twice)
    for activity in ordered:
        if activity.format not in FORMATS:
            raise Refused("unknown_format", format=activity.format)
        for audience in activity.audience:
            if audience not in AUDIENCES:
                raise Refused("unknown_audience", activity=activity.code, audience=audience)


def _tags(
    ordered: Sequence[Activity], competencies: Mapping[str, int], priors_of: Sequence[tuple[float, float]]
) -> Tags:
    rows: list[tuple[int, int, float, float]] = []
    for index, activity in enumerate(ordered):
        for code, relevance, confirmed in relevances(activity):
            if code not in competencies:
                raise Refused("unknown_competency", competency=code)
            rows.append((competencies[code], index, relevance, confirmed))
    rows.sort()
    table = np.array(rows, dtype=np.float64).reshape(-1, 4)
    competency, column = table[:, 0].astype(np.int32), table[:, 1].astype(np.int32)
    prior = np.array(priors_of, dtype=np.float64).reshape(-1, 2)[column]
    factor = table[:, 2] * table[:, 3]
    return Tags(
        links=Links(_first(competency, len(competencies)), column),
        gain=np.minimum(prior[:, 0] * factor, 1.0),
        spread=prior[:, 1] * factor,
        relevance=table[:, 2].copy(),
        confirmed=table[:, 3].copy(),
    )


def _deliveries(ordered: Sequence[Activity]) -> Deliveries:
    rows = [
        (index, _day(d.starts), _day(d.ends) or _day(d.starts), -1 if d.places is None else d.places)
        for index, activity in enumerate(ordered)
        for d in activity.deliveries
    ]
    table = np.array(rows, dtype=np.int32).reshape(-1, 4)
    owner = table[:, 0].copy()
    return Deliveries(_first(owner, len(ordered)), owner, table[:, 1].copy(), table[:, 2].copy(), table[:, 3].copy())


def _requires(ordered: Sequence[Activity], position: Mapping[str, int]) -> Links:
    rows = [(index, position.get(code, -1)) for index, a in enumerate(ordered) for code in sorted(set(a.requires))]
    table = np.array(rows, dtype=np.int32).reshape(-1, 2)
    return Links(_first(table[:, 0], len(ordered)), table[:, 1].copy())


def _subject_masks(ordered: Sequence[Activity], bits: Mapping[str, int]) -> NDArray[np.uint64]:
    words = max(1, -(-len(bits) // 64))
    masks = np.zeros((len(ordered), words), dtype=np.uint64)
    for index, activity in enumerate(ordered):
        if activity.subjects:
            masks[index] = _mask([bits[fold(subject)] for subject in activity.subjects], words)
    return masks


def _mask(bits: Iterable[int], words: int) -> NDArray[np.uint64]:
    mask = np.zeros(words, dtype=np.uint64)
    for bit in bits:
        mask[bit // 64] |= np.uint64(1 << bit % 64)
    return mask


def _first(rows: NDArray[np.int32], count: int) -> Indices:
    return np.searchsorted(rows, np.arange(count + 1)).astype(np.int32)


def _bits(codes: Iterable[str], words: Sequence[str]) -> int:
    return sum(1 << words.index(code) for code in set(codes))


def _flags(values: Iterable[bool]) -> Flags:
    return np.fromiter(values, dtype=np.bool_)


def _numbers(names: Iterable[str]) -> Mapping[str, int]:
    return {name: number for number, name in enumerate(sorted(set(names)))}


def _day(day: date | None) -> int:
    return 0 if day is None else day.toordinal()
