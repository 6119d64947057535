"""The rules of candidates over the arrays of a catalogue, compiled: one pass over what a person's deficits touch."""

from typing import Final
from weakref import WeakKeyDictionary

import numpy as np
from numba import types
from numba.experimental import structref

from recommender.catalogue import Catalogue
from recommender.compiled import Array, Structure, define, entry, kernel
from recommender.reasons import EXCLUSIONS
from recommender.tolerance import HOURS_TOLERANCE

RULES_IN_ORDER: Final = ("", *EXCLUSIONS)
NUMBER: Final = {code: number for number, code in enumerate(RULES_IN_ORDER)}
LATEST: Final = np.iinfo(np.int32).max

# The compiler takes numbers from the module, not from mappings.
FORBIDDEN, DECLINED, TAKEN = NUMBER["forbidden"], NUMBER["declined"], NUMBER["taken"]
HOURS_UNKNOWN, HOURS_BELOW_MINIMUM, NO_GAIN = NUMBER["hours_unknown"], NUMBER["hours_below_minimum"], NUMBER["no_gain"]
AUDIENCE, SUBJECT, FAR, FORMAT = NUMBER["audience"], NUMBER["subject"], NUMBER["far"], NUMBER["format"]
HOURS_ABOVE_LIMIT, HOURS_ABOVE_TERM = NUMBER["hours_above_limit"], NUMBER["hours_above_term"]
NO_PLACES, ALREADY_STARTED, OUTSIDE_PERIOD = NUMBER["no_places"], NUMBER["already_started"], NUMBER["outside_period"]
OUTSIDE_TERM, BUSY, PROVIDER = NUMBER["outside_term"], NUMBER["busy"], NUMBER["provider"]
REGISTER_EXPIRED, REQUIRES = NUMBER["register_expired"], NUMBER["requires"]


@structref.register
class TablesType(types.StructRef):
    """What Tables is to the compiler."""


class Tables(Structure):
    """The arrays of a catalogue that the rules read; the fields are those of `Catalogue`.

    `deliveries` and `tags` are row starts; `required` are the requirements of `requires`, those outside the catalogue
    numbered on from its end.
    """

    hours: Array
    prior: Array
    minimum_hours: Array
    format: Array
    attended: Array
    private: Array
    expires: Array
    audience: Array
    subjects: Array
    place: Array
    deliveries: Array
    starts: Array
    ends: Array
    places: Array
    tags: Array
    tagged: Array
    gain: Array
    requires: Array
    required: Array
    owner: Array
    last_start: Array


define(Tables, TablesType)


@structref.register
class QuestionType(types.StructRef):
    """What Question is to the compiler."""


class Question(Structure):
    """What the rules ask of one person.

    `rows` (d,) are the competencies of the deficits, `fixed` positions that are listed whatever they develop, `named`
    and `named_rule` positions with the rule that names them, the first one first, `met` what was ever taken (numbered
    like `Tables.required`). `subjects` is the mask of the person's subjects, `near` flags municipalities (the last one
    answers for none), `formats` the wanted ones. Days are ordinals; `opens`, `closes` (t,) those of the terms; `busy`
    (b, 2) the first and last days of busy times, `busy_formats` (b, 4) the formats that they concern.
    """

    rows: Array
    fixed: Array
    named: Array
    named_rule: Array
    met: Array
    audience: int
    subjects: Array
    near: Array
    formats: Array
    hours: float
    term_hours: float
    on: int
    opens: Array
    closes: Array
    period: Array
    busy: Array
    busy_formats: Array
    providers_since: int


define(Question, QuestionType)

_TABLES: WeakKeyDictionary[Catalogue, Tables] = WeakKeyDictionary()
_OUTSIDE: WeakKeyDictionary[Catalogue, dict[str, int]] = WeakKeyDictionary()


def tables_of(catalogue: Catalogue) -> Tables:
    """Return the tables of a catalogue; they are made once."""
    if catalogue not in _TABLES:
        _TABLES[catalogue] = _tables(catalogue)
    return _TABLES[catalogue]


def _tables(catalogue: Catalogue) -> Tables:
    deliveries, tags = catalogue.deliveries, catalogue.tags
    number = outside_numbers(catalogue)
    required = [
        catalogue.position.get(code, number.get(code, -1))
        for activity in catalogue.activities
        for code in sorted(set(activity.requires))
    ]
    return Tables(
        catalogue.hours,
        catalogue.prior,
        catalogue.minimum_hours,
        catalogue.format,
        catalogue.attended,
        catalogue.private & catalogue.programme,
        catalogue.expires,
        catalogue.audience,
        catalogue.subjects,
        catalogue.place,
        deliveries.first,
        deliveries.starts,
        deliveries.ends,
        deliveries.places,
        tags.links.first,
        tags.links.columns,
        tags.gain,
        catalogue.requires.first,
        np.array(required, dtype=np.int32),
        deliveries.owner,
        catalogue.last_start,
    )


def outside_numbers(catalogue: Catalogue) -> dict[str, int]:
    """Return numbers, from the end of the catalogue on, of the required codes that it does not have."""
    if catalogue not in _OUTSIDE:
        _OUTSIDE[catalogue] = _outside_numbers(catalogue)
    return _OUTSIDE[catalogue]


def _outside_numbers(catalogue: Catalogue) -> dict[str, int]:
    outside = {code for activity in catalogue.activities for code in activity.requires} - catalogue.position.keys()
    return {code: len(catalogue.activities) + number for number, code in enumerate(sorted(outside))}


@entry
def judge(tables: Tables, question: Question) -> tuple[Array, Array, Array, Array, Array, Array, Array, Array]:
    """Return the pool of a question: positions (m,), rules (m,), gains (m, d) and the places of their tags (m, d).

    Then the deliveries (q,) that the activity rules left, their owners, the first rule against each, and the terms in
    which each may begin, as bits.
    """
    positions = _touched(tables, question)
    gains, places = _tagged(tables, question, positions)
    rule = np.zeros(len(positions), np.int8)
    for index in range(len(positions)):
        rule[index] = _rule_of(tables, question, positions[index])
    for place in range(len(question.named) - 1, -1, -1):
        index = np.searchsorted(positions, question.named[place])
        if index < len(positions) and positions[index] == question.named[place]:
            rule[index] = question.named_rule[place]
    deliveries, owner, status, terms = _deliveries(tables, question, positions, rule)
    _require(tables, question, positions, rule)
    return positions, rule, gains, places, deliveries, owner, status, terms


@kernel
def _touched(tables: Tables, question: Question) -> Array:
    """Return the positions listed under the deficits or fixed, and all that they require, ascending."""
    count = len(tables.hours)
    reached = np.zeros(count, np.bool_)
    waiting = np.empty(count, np.int32)
    size = 0
    for row in question.rows:
        for link in range(tables.tags[row], tables.tags[row + 1]):
            reached[tables.tagged[link]] = True
    for position in question.fixed:
        reached[position] = True
    for position in range(count):
        if reached[position]:
            waiting[size] = position
            size += 1
    seen, plain = 0, size
    while seen < size:
        position = waiting[seen]
        seen += 1
        for link in range(tables.requires[position], tables.requires[position + 1]):
            needed = tables.required[link]
            if needed < count and not reached[needed]:
                reached[needed] = True
                waiting[size] = needed
                size += 1
    positions = waiting[:size].copy()
    if size > plain:
        positions.sort()
    return positions


@kernel
def _tagged(tables: Tables, question: Question, positions: Array) -> tuple[Array, Array]:
    """Return the gains (m, d) of the pool and the places (m, d) of their tags, −1 where there is none."""
    count, d = len(positions), len(question.rows)
    index = np.empty(len(tables.hours), np.int32)
    for at in range(count):
        index[positions[at]] = at
    gains = np.zeros((count, d))
    places = np.full((count, d), -1, np.int32)
    for column in range(d):
        row = question.rows[column]
        for link in range(tables.tags[row], tables.tags[row + 1]):
            at = index[tables.tagged[link]]
            gains[at, column] = tables.gain[link]
            places[at, column] = link
    return gains, places


@kernel
def _rule_of(tables: Tables, question: Question, position: int) -> int:
    """Return the first rule against an activity, whoever names it apart (0: none)."""
    hours = tables.hours[position]
    if not hours > 0:
        return HOURS_UNKNOWN
    if hours < tables.minimum_hours[position]:
        return HOURS_BELOW_MINIMUM
    if tables.prior[position] <= 0:
        return NO_GAIN
    if tables.audience[position] != 0 and (tables.audience[position] & question.audience) == 0:
        return AUDIENCE
    named, shared = False, False
    for word in range(tables.subjects.shape[1]):
        named = named or tables.subjects[position, word] != 0
        shared = shared or (tables.subjects[position, word] & question.subjects[word]) != 0
    if named and not shared:
        return SUBJECT
    if tables.attended[position] and not question.near[tables.place[position]]:
        return FAR
    if not question.formats[tables.format[position]]:
        return FORMAT
    if hours > question.hours + HOURS_TOLERANCE:
        return HOURS_ABOVE_LIMIT
    return HOURS_ABOVE_TERM if hours > question.term_hours + HOURS_TOLERANCE else 0


@kernel
def _deliveries(tables: Tables, question: Question, positions: Array, rule: Array) -> tuple[Array, Array, Array, Array]:
    """Judge the deliveries of what no rule forbids yet; an activity without any has the rule of what came furthest."""
    count = 0
    for index in range(len(positions)):
        if rule[index] == 0:
            count += tables.deliveries[positions[index] + 1] - tables.deliveries[positions[index]]
    deliveries, owner = np.empty(count, np.int32), np.empty(count, np.int32)
    status, terms = np.empty(count, np.int8), np.empty(count, np.int64)
    at = 0
    for index in range(len(positions)):
        if rule[index] != 0:
            continue
        position = positions[index]
        furthest, possible = NO_PLACES, False
        for row in range(tables.deliveries[position], tables.deliveries[position + 1]):
            deliveries[at], owner[at] = row, index
            status[at], terms[at] = _judged(tables, question, position, row)
            possible = possible or status[at] == 0
            furthest = max(furthest, status[at])
            at += 1
        if not possible:
            rule[index] = furthest
    return deliveries, owner, status, terms


@kernel
def _judged(tables: Tables, question: Question, position: int, row: int) -> tuple[int, int]:
    """Return the first rule that leaves a delivery no term to begin in (0: none) and the terms left, as bits."""
    starts, ends = tables.starts[row], tables.ends[row]
    count = len(question.opens)
    if count == 0:
        return OUTSIDE_PERIOD, 0
    if tables.places[row] == 0:
        return NO_PLACES, 0
    if 0 < starts < question.on:
        return ALREADY_STARTED, 0
    deadline = ends if starts == 0 and ends > 0 else LATEST
    outside = starts < question.period[0] or ends > question.period[1] if starts > 0 else deadline < question.period[0]
    if outside:
        return OUTSIDE_PERIOD, 0
    in_term, taught, registered = 0, 0, 0
    for term in range(count):
        begins = starts if starts > 0 else question.opens[term]
        bit = 1 << term
        if question.opens[term] <= begins <= min(question.closes[term], deadline):
            in_term |= bit
        if not tables.private[position] or begins < question.providers_since:
            taught |= bit
        if begins <= tables.expires[position]:
            registered |= bit
    if in_term == 0:
        return OUTSIDE_TERM, 0
    for busy in range(len(question.busy)):
        # A long course may run through holidays; nothing begins in them.
        begins_in = question.busy[busy, 0] <= starts <= question.busy[busy, 1]
        if begins_in and question.busy_formats[busy, tables.format[position]]:
            return BUSY, 0
    if in_term & taught == 0:
        return PROVIDER, 0
    left = in_term & taught & registered
    return (0, left) if left != 0 else (REGISTER_EXPIRED, 0)


@kernel
def _require(tables: Tables, question: Question, positions: Array, rule: Array) -> None:
    """Bar the candidates whose requirements cannot be met by candidates, circles of requirements among them."""
    asking = 0
    for index in range(len(positions)):
        if rule[index] == 0 and tables.requires[positions[index] + 1] > tables.requires[positions[index]]:
            asking += 1
    if asking == 0:
        return
    known = np.zeros(len(question.met), np.bool_)
    for index in range(len(positions)):
        known[positions[index]] = rule[index] == 0
    for index in range(len(positions)):
        if rule[index] == 0 and not _met(tables, question, positions[index], question.met):
            known[positions[index]] = False
    changed = True
    while changed:
        changed = False
        for index in range(len(positions)):
            position = positions[index]
            if rule[index] == 0 and not known[position] and _met(tables, question, position, known):
                known[position] = True
                changed = True
    for index in range(len(positions)):
        if rule[index] == 0 and not known[positions[index]]:
            rule[index] = REQUIRES


@kernel
def _met(tables: Tables, question: Question, position: int, known: Array) -> bool:
    """Tell whether each requirement of an activity is known or was ever taken."""
    met = True
    for link in range(tables.requires[position], tables.requires[position + 1]):
        needed = tables.required[link]
        met = met and (known[needed] or question.met[needed])
    return met
