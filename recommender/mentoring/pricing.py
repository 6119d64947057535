"""Feasible pairs and their fits, block by block: never more pairs in memory than a block and what is kept of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from recommender.assignment.flow import Ints
from recommender.mentoring.fit import CLOSE, MILLION, nearness_part
from recommender.mentoring.table import Bools, Floats, PairTable, PairUnits

BLOCK: Final = 2**16
"""Pairs of a block: a few arrays of that size stay in the cache of a core."""

NONE: Final = np.iinfo(np.int64).min
GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class PairQuery:
    """Which pairs to look for.

    Those of the marked `mentees` (n,) and of mentors with `places` (m,) > 0, of at least `floor` millionths, with
    fit_weight·fit − price (m,) > surplus (n,). Kept of one mentee are the `best` largest by fit_weight·fit − price
    (ties: the lower row of the mentor) and up to `spread` scattered over all that are feasible.
    """

    mentees: Bools
    places: Ints
    price: Ints
    surplus: Ints
    fit_weight: int
    floor: int
    best: int
    spread: int


@dataclass(frozen=True)
class Reach:
    """Mentees of one town and the same formats, and the mentors whom they may meet, with what all these pairs share."""

    rows: Ints
    mentors: Ints
    units: Ints
    certain: Floats
    teaches: Bools


@dataclass(frozen=True)
class Block:
    """Some mentees × the mentors in their reach: the fits in millionths (b, r), and how many mentors are left after
    each rule (b,), in the order of STAGES; `feasible` (b, r) marks the pairs that no rule bars."""

    rows: Ints
    mentors: Ints
    units: Ints
    feasible: Bools
    left: dict[str, Ints]


STAGES: Final = ("reach", "experience", "subject", "strength", "refused")
"""Rules that bar pairs of people who take part, in the order in which they are asked."""


def select_pairs(table: PairTable, query: PairQuery) -> tuple[PairUnits, bool]:
    """Return the pairs that are asked for as (mentees, mentors, millionths) by row, and whether any were left out."""
    found: list[PairUnits] = []
    cut = False
    for block in blocks(table, query.mentees):
        kept, more = _keep(block, query)
        at = np.nonzero(kept)
        found.append((block.rows[at[0]], block.mentors[at[1]], block.units[at]))
        cut |= more
    return sorted_pairs(found, len(table.places)), cut


def sorted_pairs(found: list[PairUnits], mentors: int) -> PairUnits:
    """Return pairs of several lists in the order of rows, each pair once."""
    none = np.zeros(0, dtype=np.int64)
    rows, columns, units = (np.concatenate([none, *(part[side] for part in found)]) for side in range(3))
    _, order = np.unique(rows * max(mentors, 1) + columns, return_index=True)
    return rows[order], columns[order], units[order]


def blocks(table: PairTable, wanted: Bools) -> Iterator[Block]:
    """Yield all pairs of the wanted mentees who take part, in blocks."""
    for reach in _reaches(table, wanted):
        size = max(1, BLOCK // max(len(reach.mentors), 1))
        for start in range(0, len(reach.rows), size):
            yield _block(table, reach, reach.rows[start : start + size])


def _reaches(table: PairTable, wanted: Bools) -> Iterator[Reach]:
    mentees = table.mentees
    rows = np.flatnonzero(mentees.taking_part & wanted)
    alike = np.stack([mentees.town[rows], mentees.in_person[rows], mentees.distance[rows]], axis=1).astype(np.int64)
    kinds, member = np.unique(alike, axis=0, return_inverse=True)
    for kind, (town, in_person, distance) in enumerate(kinds):
        yield _reach(table, rows[member == kind], int(town), bool(in_person), bool(distance))


def _reach(table: PairTable, rows: Ints, town: int, in_person: bool, distance: bool) -> Reach:
    rules, mentors = table.rules, table.mentors
    close = table.close[town, mentors.town]
    meet = in_person & mentors.in_person & (close >= CLOSE[rules.reach])
    remote = rules.distance & distance & mentors.distance
    reached = np.flatnonzero(mentors.taking_part & (meet | remote))
    nearness = np.array([round(nearness_part(value, rules) * MILLION) for value in range(3)], dtype=np.int64)
    units = mentors.units + nearness[close] + round(rules.weights.format * MILLION) * meet
    return Reach(rows, reached, units[reached], table.certain[:, reached], table.teaches[:, reached])


def _block(table: PairTable, reach: Reach, rows: Ints) -> Block:
    rules, mentors = table.rules, reach.mentors
    units = table.mentees.units[rows][:, None] + reach.units[None, :]
    feasible = table.itself[rows][:, None] != mentors[None, :]
    left = {"reach": feasible.sum(axis=1)}
    if rules.experience_years is not None:
        ahead = table.mentors.experience[mentors][None, :] - table.mentees.experience[rows][:, None]
        feasible &= ahead >= rules.experience_years
    left["experience"] = feasible.sum(axis=1)
    same = _same_subject(table, reach, rows)
    units += round(rules.weights.subject * MILLION) * same
    feasible &= same | (not rules.same_subject)
    left["subject"] = feasible.sum(axis=1)
    units += _help(table, reach, rows)
    if rules.strength_required:
        feasible &= _strong(table, reach, rows)
    left["strength"] = feasible.sum(axis=1)
    at, columns, extra = _listed(table.extras, rows, mentors, len(table.places))
    units[at, columns] += extra
    at, columns, _ = _listed(table.bans, rows, mentors, len(table.places))
    feasible[at, columns] = False
    left["refused"] = feasible.sum(axis=1)
    return Block(rows, mentors, units, feasible, left)


def _same_subject(table: PairTable, reach: Reach, rows: Ints) -> Bools:
    same = np.zeros((len(rows), len(reach.mentors)), dtype=np.bool_)
    for subject in table.subjects[rows].T:
        same |= reach.teaches[subject]
    return same


def _help(table: PairTable, reach: Reach, rows: Ints) -> Ints:
    """Return what mentors can give to the needs of mentees, in millionths, each need rounded for itself."""
    total = np.zeros((len(rows), len(reach.mentors)))
    given = np.empty_like(total)
    for need, weight in zip(table.needs[rows].T, table.need_units[rows].T, strict=True):
        # Other modes would buffer the output; every need is a row that exists.
        np.take(reach.certain, need, axis=0, out=given, mode="clip")
        given *= weight[:, None]
        np.rint(given, out=given)
        total += given
    return total.astype(np.int64)


def _strong(table: PairTable, reach: Reach, rows: Ints) -> Bools:
    """Return which mentors are strong in any need of a mentee."""
    strong = np.zeros((len(rows), len(reach.mentors)), dtype=np.bool_)
    for need in table.needs[rows].T:
        strong |= reach.certain[need] > 0
    return strong


def _listed(pairs: PairUnits, rows: Ints, mentors: Ints, count: int) -> PairUnits:
    """Return the listed pairs of a block as (row of the block, column of the block, units); `rows` ascend."""
    start, end = np.searchsorted(pairs[0], rows), np.searchsorted(pairs[0], rows, side="right")
    listed = np.repeat(start - np.cumsum(end - start) + (end - start), end - start) + np.arange((end - start).sum())
    column = np.full(count, -1, dtype=np.int64)
    column[mentors] = np.arange(len(mentors))
    at, columns = np.repeat(np.arange(len(rows)), end - start), column[pairs[1][listed]]
    reached = columns >= 0
    return at[reached], columns[reached], pairs[2][listed][reached]


def _keep(block: Block, query: PairQuery) -> tuple[Bools, bool]:
    """Return which pairs of a block are kept, and whether some that are asked for are not."""
    worth = query.fit_weight * block.units - query.price[block.mentors][None, :]
    asked = block.feasible & (query.places[block.mentors] > 0)[None, :] & (block.units >= query.floor)
    asked &= worth > query.surplus[block.rows][:, None]
    crowded = np.flatnonzero(asked.sum(axis=1) > query.best)
    if len(crowded) == 0:
        return asked, False
    kept = asked.copy()
    count = len(query.places)
    keys = np.where(asked[crowded], worth[crowded] * count + (count - 1 - block.mentors)[None, :], NONE)
    best = np.argpartition(keys, -query.best, axis=1)[:, -query.best :]
    kept[crowded] = False
    kept[crowded[:, None], best] = True
    scattered = _scattered(block.rows[crowded], query.spread, len(block.mentors))
    kept[crowded[:, None], scattered] |= asked[crowded[:, None], scattered]
    return kept, True


def _scattered(rows: Ints, spread: int, columns: int) -> Ints:
    """Return (b, spread) columns scattered evenly by the finaliser of SplitMix64, the same in every run."""
    mixed = rows.astype(np.uint64)[:, None] * np.uint64(spread + 1) + np.arange(spread, dtype=np.uint64)[None, :]
    mixed = (mixed + np.uint64(1)) * GOLDEN
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((mixed ^ (mixed >> np.uint64(31))) % np.uint64(columns)).astype(np.int64)
