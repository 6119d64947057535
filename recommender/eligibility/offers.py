"""What one person is offered: the candidates with their deliveries, as the arrays from which a route is chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from recommender.catalogue import Catalogue, Floats, Indices
from recommender.eligibility.candidates import Pool
from recommender.eligibility.kernels import tables_of
from recommender.eligibility.offer_kernels import offered
from recommender.eligibility.placements import narrowed_terms
from recommender.route import Deficit, Request

OTHER, PRACTICE, FORMAL = -1, 0, 1
"""Kinds of offers: the number of the minimum that a step of one counts for."""

Numbers = NDArray[np.int64]

_KINDS: Final[WeakKeyDictionary[Catalogue, Numbers]] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class Offers:
    """n candidates of a person with o options, the deliveries in which each may be taken.

    `positions` (n,) are those in the catalogue, ascending, `owner` (n,) indices into the pool, whose rules bar by now
    what waits for something that cannot be over in time. `gains` (d, n), `weights` (d,) weight × gap, `hours`, `kinds`
    (n,). Options of offer a are `first[a]` to `first[a + 1]`, those without dates before the earliest; `rows` (o,) are
    their rows among the catalogue's deliveries, `seats` what the choice asks of them. Offer a requires
    `needs[needs_first[a]:needs_first[a + 1]]`. `given` (d,) is the share of each deficit that is closed before anything
    is chosen. `misplaced` are activities that cannot be taken where they were placed, by code with the day; they are
    offered all the same.
    """

    pool: Pool
    catalogue: Catalogue
    request: Request
    hour_cost: float
    positions: Indices
    owner: Indices
    gains: Floats
    weights: Floats
    hours: Floats
    kinds: Numbers
    first: Numbers
    rows: Indices
    seats: tuple[NDArray[Any], ...]
    needs_first: Numbers
    needs: Numbers
    users: Numbers
    given: Floats
    misplaced: Mapping[str, date] = field(default_factory=dict)

    def place_of(self, code: str) -> int | None:
        """Return the number of the offer of an activity, None where it is no candidate."""
        position = self.catalogue.position[code]
        place = int(self.positions.searchsorted(position))
        return place if place < len(self.positions) and self.positions[place] == position else None

    def needs_of(self, offer: int) -> tuple[int, ...]:
        """Return the offers that an offer requires."""
        return tuple(self.needs[self.needs_first[offer] : self.needs_first[offer + 1]].tolist())

    def available(self, kind: int) -> int:
        """Return how many offers are of a kind."""
        return int((self.kinds == kind).sum())

    def left(self) -> tuple[Floats, Floats]:
        """Return gains and weights of what is left of the deficits beside what is given.

        w·min(1, g + Σ gains) = w·g + w(1 − g)·min(1, Σ gains/(1 − g)): the choice is the same problem for the rest.
        """
        if not self.given.any():
            return self.gains, self.weights
        rest = 1.0 - self.given
        scaled = np.divide(self.gains, rest[:, None], out=np.zeros_like(self.gains), where=rest[:, None] > 0)
        return np.minimum(scaled, 1.0), self.weights * rest


def _kinds(catalogue: Catalogue) -> Numbers:
    """Return the kinds of all activities of a catalogue; they are found once."""
    if catalogue not in _KINDS:
        _KINDS[catalogue] = np.where(catalogue.formal, FORMAL, np.where(catalogue.practice, PRACTICE, OTHER))
    return _KINDS[catalogue]


def find_offers(
    pool: Pool,
    deficits: Sequence[Deficit],
    chances: Floats,
    request: Request,
    catalogue: Catalogue,
    hour_cost: float,
    given: Floats,
) -> Offers:
    """Return the offers of a pool; `chances` (m,) in [0, 1] multiply the gains of the pool's activities.

    `given` (d,) in [0, 1] is the share of each deficit that is closed before anything is chosen.
    """
    calendar = pool.calendar
    terms, misplaced = narrowed_terms(pool, request, catalogue)
    rule, owner, gains, *arrays = offered(
        tables_of(catalogue),
        pool.met,
        (pool.positions, pool.rule, pool.gains, np.asarray(chances, dtype=np.float64)),
        (pool.deliveries, pool.owner, pool.status, terms),
        (calendar.opens, calendar.closes),
    )
    positions = pool.positions[owner]
    first, rows, *seats, needs_first, needs, users = arrays
    return Offers(
        pool=replace(pool, rule=rule),
        catalogue=catalogue,
        request=request,
        hour_cost=hour_cost,
        positions=positions,
        owner=owner,
        gains=gains,
        weights=np.array([deficit.weight * deficit.gap for deficit in deficits], dtype=np.float64),
        hours=catalogue.hours[positions],
        kinds=_kinds(catalogue)[positions],
        first=first,
        rows=rows,
        seats=tuple(seats),
        needs_first=needs_first,
        needs=needs,
        users=users,
        given=given,
        misplaced=misplaced,
    )
