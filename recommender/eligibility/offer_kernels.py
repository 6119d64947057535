"""Offers from the arrays of a pool, compiled: options in order, requirements, and what cannot be over in time."""

import numpy as np

from recommender.compiled import Array, entry, kernel
from recommender.eligibility.kernels import LATEST, REQUIRES, Tables


@entry
def offered(
    tables: Tables,
    met: Array,
    pool: tuple[Array, Array, Array, Array],
    deliveries: tuple[Array, Array, Array, Array],
    terms: tuple[Array, Array],
) -> tuple[Array, ...]:
    """Return the rules (m,) with what waits in vain barred, and the offers that are left.

    `pool` are its positions, rules, gains and chances, `deliveries` its deliveries, owners, statuses and terms, `terms`
    the first and last days of terms. Of the offers: owners (n,), gains (d, n); first options (n + 1,), their rows,
    terms, days, last days, deadlines and whether they clash (o,); requirements as row starts and offers, users (n,).
    """
    positions, rule = pool[0], pool[1].copy()
    first, rows, bits = _options(tables, rule, deliveries)
    _bar_by_time(tables, met, positions, rule, first, rows, bits, terms)
    owner = np.flatnonzero(rule == 0).astype(np.int32)
    number = np.full(len(rule), -1, np.int64)
    number[owner] = np.arange(len(owner))
    kept = np.zeros(len(rows), np.bool_)
    starts = np.zeros(len(owner) + 1, np.int64)
    for offer in range(len(owner)):
        starts[offer + 1] = starts[offer]
        for option in range(first[owner[offer]], first[owner[offer] + 1]):
            kept[option] = bits[option] != 0
            starts[offer + 1] += kept[option]
    day, finish, deadline, clash = _seats(tables, rows[kept])
    needs_first, needs, users = _requirements(tables, met, positions, owner, number)
    gains = np.empty((pool[2].shape[1], len(owner)))
    for offer in range(len(owner)):
        for column in range(len(gains)):
            gains[column, offer] = min(pool[2][owner[offer], column] * pool[3][owner[offer]], 1.0)
    return (
        rule, owner, gains, starts, rows[kept], bits[kept], day, finish, deadline, clash, needs_first, needs, users
    )  # fmt: skip


@kernel
def _options(tables: Tables, rule: Array, deliveries: tuple[Array, Array, Array, Array]) -> tuple[Array, Array, Array]:
    """Return the deliveries that may be taken, by owner: row starts (m + 1,), rows and terms as bits.

    Those of an owner stand in order of their start, what has no dates first.
    """
    first = np.zeros(len(rule) + 1, np.int64)
    rows = np.empty(len(deliveries[0]), np.int32)
    bits = np.empty(len(deliveries[0]), np.int64)
    size, owner = 0, 0
    for delivery in range(len(rows)):
        index, row = deliveries[1][delivery], deliveries[0][delivery]
        while owner < index:
            owner += 1
            first[owner] = size
        if rule[index] != 0 or deliveries[2][delivery] != 0:
            continue
        at = size
        while at > first[owner] and tables.starts[rows[at - 1]] > tables.starts[row]:
            rows[at], bits[at] = rows[at - 1], bits[at - 1]
            at -= 1
        rows[at], bits[at] = row, deliveries[3][delivery]
        size += 1
    first[owner + 1 :] = size
    return first, rows[:size], bits[:size]


@kernel
def _seats(tables: Tables, rows: Array) -> tuple[Array, Array, Array, Array]:
    """Return of each option the day it begins (0: no dates), its last day, the latest to begin, and if it clashes."""
    day, finish = tables.starts[rows].astype(np.int64), tables.ends[rows].astype(np.int64)
    deadline = np.empty(len(rows), np.int64)
    clash = np.zeros(len(rows), np.bool_)
    for option in range(len(rows)):
        position = tables.owner[rows[option]]
        deadline[option] = _latest(tables, rows[option])
        clash[option] = day[option] > 0 and tables.attended[position]
    return day, finish, deadline, clash


@kernel
def _latest(tables: Tables, row: int) -> int:
    """Return the last day on which learning without dates may begin."""
    return int(min(tables.last_start[tables.owner[row]], tables.ends[row] if tables.ends[row] > 0 else LATEST))


@kernel
def _requirements(
    tables: Tables, met: Array, positions: Array, owner: Array, number: Array
) -> tuple[Array, Array, Array]:
    """Return what each offer requires and the person has not met: row starts, offers, and how many require each."""
    first = np.zeros(len(owner) + 1, np.int64)
    users = np.zeros(len(owner), np.int64)
    size = 0
    for offer in range(len(owner)):
        position = positions[owner[offer]]
        size += tables.requires[position + 1] - tables.requires[position]
    needs = np.empty(size, np.int64)
    size = 0
    for offer in range(len(owner)):
        position = positions[owner[offer]]
        for link in range(tables.requires[position], tables.requires[position + 1]):
            needed = tables.required[link]
            if not met[needed]:
                needs[size] = number[np.searchsorted(positions, needed)]
                users[needs[size]] += 1
                size += 1
        first[offer + 1] = size
    return first, needs[:size], users


@kernel
def _bar_by_time(
    tables: Tables,
    met: Array,
    positions: Array,
    rule: Array,
    first: Array,
    rows: Array,
    bits: Array,
    terms: tuple[Array, Array],
) -> None:
    """Take away, again and again, the terms in which what is required cannot be over before an option begins."""
    asking = np.zeros(len(rule), np.bool_)
    for index in range(len(rule)):
        asking[index] = rule[index] == 0 and tables.requires[positions[index] + 1] > tables.requires[positions[index]]
    changed = bool(asking.any())
    while changed:
        changed = False
        for index in range(len(rule)):
            if not asking[index]:
                continue
            left = False
            for option in range(first[index], first[index + 1]):
                kept = _terms_in_time(tables, met, positions, index, first, rows, bits, option, terms)
                changed = changed or bool(kept != bits[option])
                bits[option] = kept
                left = left or kept != 0
            if not left:
                rule[index] = REQUIRES
                asking[index] = False


@kernel
def _terms_in_time(
    tables: Tables,
    met: Array,
    positions: Array,
    index: int,
    first: Array,
    rows: Array,
    bits: Array,
    option: int,
    terms: tuple[Array, Array],
) -> int:
    """Return those of an option's terms before which all that is required can be over."""
    kept = 0
    for term in range(len(terms[0])):
        if not (bits[option] >> term) & 1:
            continue
        dated = tables.starts[rows[option]] > 0
        begins = tables.starts[rows[option]] if dated else terms[0][term]
        latest = begins if dated else min(terms[1][term], _latest(tables, rows[option]))
        possible = True
        for link in range(tables.requires[positions[index]], tables.requires[positions[index] + 1]):
            needed = tables.required[link]
            if not met[needed]:
                other = np.searchsorted(positions, needed)
                over = _soonest_over(tables, first, rows, bits, other, term, terms)
                possible = possible and max(begins, over + 1) <= latest
        if possible:
            kept |= 1 << term
    return kept


@kernel
def _soonest_over(
    tables: Tables, first: Array, rows: Array, bits: Array, index: int, term: int, terms: tuple[Array, Array]
) -> int:
    """Return the first day on which an activity can be over, begun in an earlier term (in any, where there is one).

    What has no dates can be over after its first day.
    """
    soonest = LATEST
    for option in range(first[index], first[index + 1]):
        for earlier in range(term if len(terms[0]) > 1 else 1):
            if (bits[option] >> earlier) & 1:
                dated = tables.starts[rows[option]] > 0
                soonest = min(soonest, tables.ends[rows[option]] if dated else terms[0][earlier])
    return soonest
