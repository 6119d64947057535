"""Pairs of a region from people and rules: fits block by block, the best assignment, and the proof over all pairs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from types import MappingProxyType
from typing import Final

import numpy as np
from scipy.sparse import csr_array

from recommender.assignment.duals import coverage_bonus, place_prices
from recommender.assignment.flow import Ints, Network, build_network, covering_flow
from recommender.assignment.solve import solve
from recommender.assignment.values import Assignment, PinConflict
from recommender.mentoring.fit import MILLION, UNPINNABLE, Neighbours, barriers, fit_parts, meeting_format
from recommender.mentoring.pricing import NONE, PairQuery, select_pairs, sorted_pairs
from recommender.mentoring.table import PairTable, PairUnits, build_table
from recommender.mentoring.values import Mentee, Mentor, Pair, PairRules
from recommender.route import Contribution

KeyPairs = Iterable[tuple[str, str]]
NO_NEIGHBOURS: Final[Neighbours] = MappingProxyType({})


@dataclass(frozen=True)
class Region:
    """The people of a run in the order of their keys, the rules of the kind of pair, and all that as arrays.

    `pinned` and `forbidden` are rows (mentee, mentor).
    """

    mentees: tuple[Mentee, ...]
    mentors: tuple[Mentor, ...]
    rules: PairRules
    neighbours: Neighbours
    pinned: tuple[tuple[int, int], ...]
    forbidden: tuple[tuple[int, int], ...]
    table: PairTable

    @cached_property
    def mentee_rows(self) -> Mapping[str, int]:
        """Rows of mentees by key."""
        return _rows(self.mentees)

    @cached_property
    def mentor_rows(self) -> Mapping[str, int]:
        """Rows of mentors by key."""
        return _rows(self.mentors)


@dataclass(frozen=True)
class Pairing:
    """What a run found: `fit` (n, m) has the pairs that were looked at, `pairs` the chosen ones by key of mentee.

    `rounds` counts how often pairs were added to the look; the certificate holds for all feasible pairs of the region.
    """

    region: Region
    objective: str
    fit: csr_array
    assignment: Assignment
    pairs: tuple[Pair, ...]
    rounds: int


def assign(
    mentees: Iterable[Mentee],
    mentors: Iterable[Mentor],
    rules: PairRules,
    neighbours: Neighbours = NO_NEIGHBOURS,
    *,
    objective: str = "coverage",
    pinned: KeyPairs = (),
    forbidden: KeyPairs = (),
) -> Pairing:
    """Return the best pairs of a region, the same whatever the order of people.

    `pinned` and `forbidden` are pairs of keys (mentee, mentor). A pin lifts rules on reach, experience, subject,
    strength, group and contest; it never lifts a missing consent or a refusal. At most `rules.candidates` mentors of a
    mentee are looked at first; then pairs that would gain at the prices of the found assignment are added until there
    are none (column generation), so that the result is the best over all feasible pairs.

    Raises PinConflict where pinned pairs cannot hold, ValueError for repeated or unknown keys.
    """
    region = build_region(mentees, mentors, rules, neighbours, pinned, forbidden)
    seen, cut = _first_look(region)
    rounds = 1
    while True:
        fit = _matrix(seen, region)
        assignment = solve(fit, region.table.places, objective=objective, pinned=region.pinned)
        more = _gaining(region, fit, assignment.mentor_of, objective) if cut else []
        if not sum(len(part[0]) for part in more):
            return Pairing(region, objective, fit, assignment, tuple(_pairs(region, assignment)), rounds)
        seen = sorted_pairs([seen, *more], len(region.mentors))
        rounds += 1


def build_fit(
    mentees: Iterable[Mentee],
    mentors: Iterable[Mentor],
    rules: PairRules,
    neighbours: Neighbours = NO_NEIGHBOURS,
) -> tuple[Region, csr_array, bool]:
    """Return the region with people in the order of their keys, its fit (n, m), and whether pairs were left out.

    With at most `rules.candidates` feasible mentors, a mentee has all of them; otherwise the best three quarters of
    that number by fit, and about a quarter scattered, so that wide coverage stays possible.
    """
    region = build_region(mentees, mentors, rules, neighbours)
    seen, cut = _first_look(region)
    return region, _matrix(seen, region), cut


def build_region(
    mentees: Iterable[Mentee],
    mentors: Iterable[Mentor],
    rules: PairRules,
    neighbours: Neighbours = NO_NEIGHBOURS,
    pinned: KeyPairs = (),
    forbidden: KeyPairs = (),
) -> Region:
    """Return the people of a run as arrays; raises ValueError for repeated keys, PinConflict for impossible pins."""
    every = tuple(sorted(mentees, key=attrgetter("key")))
    givers = tuple(sorted(mentors, key=attrgetter("key")))
    rows, columns = _rows(every), _rows(givers)
    banned = tuple(sorted({(rows[a], columns[b]) for a, b in forbidden if a in rows and b in columns}))
    held = tuple(_pin_rows(sorted(set(pinned)), rows, columns))
    table = build_table(every, givers, rules, neighbours, banned)
    region = Region(every, givers, rules, neighbours, held, banned, table)
    _check_pins(region)
    return region


def _rows(people: Sequence[Mentee | Mentor]) -> Mapping[str, int]:
    rows = {one.key: row for row, one in enumerate(people)}
    if len(rows) < len(people):
        raise ValueError("A person stands more than once among the mentees or the mentors")
    return rows


def _pin_rows(
    pinned: Sequence[tuple[str, str]], rows: Mapping[str, int], columns: Mapping[str, int]
) -> Iterator[tuple[int, int]]:
    for mentee, mentor in pinned:
        if mentee not in rows or mentor not in columns:
            raise PinConflict("pinned_unknown", mentee=mentee, mentor=mentor)
        yield rows[mentee], columns[mentor]


def _check_pins(region: Region) -> None:
    places = region.table.places.copy()
    before: int | None = None
    for row, column in region.pinned:
        mentee, mentor = region.mentees[row], region.mentors[column]
        places[column] -= 1
        if (row, column) in region.forbidden:
            raise PinConflict("pinned_and_forbidden", mentee=mentee.key, mentor=mentor.key)
        if row == before:
            raise PinConflict("pinned_twice", mentee=mentee.key)
        if places[column] < 0:
            most = int(region.table.places[column])
            raise PinConflict("pinned_beyond_places", mentor=mentor.key, places=most)
        for rule in barriers(mentee, mentor, region.rules, region.neighbours):
            if rule in UNPINNABLE:
                raise PinConflict("pinned_barred", mentee=mentee.key, mentor=mentor.key, rule=rule)
        before = row


def _first_look(region: Region) -> tuple[PairUnits, bool]:
    mentees, mentors = len(region.mentees), len(region.mentors)
    scattered = region.rules.candidates // 4
    query = PairQuery(
        mentees=np.ones(mentees, dtype=np.bool_),
        places=region.table.places,
        price=np.zeros(mentors, dtype=np.int64),
        surplus=np.full(mentees, NONE),
        fit_weight=1,
        floor=1,
        best=region.rules.candidates - scattered,
        spread=scattered,
    )
    seen, cut = select_pairs(region.table, query)
    return sorted_pairs([seen, _pinned_units(region)], mentors), cut


def _pinned_units(region: Region) -> PairUnits:
    """A pin may hold a pair that no rule would allow: its fit is measured all the same."""
    pins = np.array(region.pinned, dtype=np.int64).reshape(-1, 2)
    fits = [round(sum(part.value for part in _parts(region, row, column)) * MILLION) for row, column in region.pinned]
    return pins[:, 0], pins[:, 1], np.array(fits, dtype=np.int64)


def _parts(region: Region, row: int, column: int) -> tuple[Contribution, ...]:
    return fit_parts(region.mentees[row], region.mentors[column], region.rules, region.neighbours)


def _matrix(seen: PairUnits, region: Region) -> csr_array:
    shape = (len(region.mentees), len(region.mentors))
    return csr_array((seen[2] / MILLION, (seen[0], seen[1])), shape=shape)


def _gaining(region: Region, fit: csr_array, mentor_of: Ints, objective: str) -> list[PairUnits]:
    """Return pairs that were not looked at and could make the assignment better."""
    network = build_network(fit, region.table.places, region.pinned, ())
    return [select_pairs(region.table, query)[0] for query in _queries(region, network, mentor_of, objective)]


def _queries(region: Region, network: Network, mentor_of: Ints, objective: str) -> Iterator[PairQuery]:
    """Yield a question for each part of the objective: a pair that no answer names cannot improve that part."""
    if objective != "fairest":
        bonus = coverage_bonus(network) if objective == "coverage" else 0
        yield _query(region, network, mentor_of, fit_weight=1, bonus=bonus)
        return
    yield _query(region, network, mentor_of, fit_weight=0, bonus=1)
    chosen = mentor_of[network.rows] == network.columns
    level = int(network.units[chosen].min(initial=np.iinfo(np.int64).max)) if chosen.any() else 0
    above, allowed = network.above(level + 1), network.above(level)
    yield _query(region, above, covering_flow(above), fit_weight=0, bonus=1, floor=level + 1)
    yield _query(region, allowed, mentor_of, fit_weight=1, bonus=coverage_bonus(allowed), floor=level)


def _query(
    region: Region, network: Network, mentor_of: Ints, *, fit_weight: int, bonus: int, floor: int = 1
) -> PairQuery:
    prices = place_prices(network, fit_weight * network.units + bonus, mentor_of)
    # Fits of a region are whole millionths; a network of whole fits alone counts in ones.
    factor = MILLION // network.scale if fit_weight else 1
    quarter = region.rules.candidates // 4
    return PairQuery(
        mentees=network.pinned < 0,
        places=network.places,
        price=prices.place * factor,
        surplus=(prices.mentee - bonus) * factor,
        fit_weight=fit_weight,
        floor=floor * MILLION // network.scale,
        best=max(1, 2 * quarter),
        spread=quarter,
    )


def _pairs(region: Region, assignment: Assignment) -> Iterator[Pair]:
    for row, column in enumerate(assignment.mentor_of.tolist()):
        if column < 0:
            continue
        mentee, mentor = region.mentees[row], region.mentors[column]
        parts = _parts(region, row, column)
        meeting = meeting_format(mentee, mentor, region.rules, region.neighbours)
        yield Pair(
            mentee=mentee.key,
            mentor=mentor.key,
            fit=round(sum(part.value for part in parts) * MILLION) / MILLION,
            parts=parts,
            format=meeting or "distance",
            pinned=(row, column) in region.pinned,
        )
