"""Choosing a person's activities and their seats in the calendar, with a proof of how good the choice is.

An activity is chosen as a whole, and any of its deliveries will do: see `docs/decisions/0012-region-batch.md`. The same
search solves the array-level problem of `recommender.composition`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np

from recommender.eligibility.offers import Offers
from recommender.search.driver import NONE, PROVEN, UNKNOWN, search
from recommender.search.instance import Case, most_within

NODE_LIMIT: Final = 20_000
"""A search that has not ended by then stops; the bound it has by then holds, and the certificate says how far it is.

Half as many left one of 60 000 people 4.8 % from the proof; with so many all were within 1 %, and the hardest edit
took 0.13 s (`docs/benchmarks.md`).
"""


_CASES: Final[WeakKeyDictionary[Offers, dict[tuple[int, int], Case]]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Choice:
    """Chosen (offer, option, term from 0) in order of offers, their value, and a bound that no choice can exceed.

    `nodes` is how many nodes the search looked at, `proven` whether it closed the asked gap.
    """

    seats: tuple[tuple[int, int, int], ...]
    value: float
    bound: float
    nodes: int
    proven: bool


def choose(
    offers: Offers, fixed: Sequence[int], minimum: tuple[int, int], *, gap: float, node_limit: int = NODE_LIMIT
) -> Choice | None:
    """Return a choice whose value is within the relative `gap` of the best possible one, None where there is none.

    All of `fixed` are in it, at least `minimum[kind]` offers of each kind, and no rule is broken: hours in all and per
    term, steps, clashes, requirements. The value is Σ weights·min(1, Σ gains) − hour_cost·Σ hours. None also means
    that the node limit came before any choice was found.
    """
    taken, option, term, value, bound, nodes, ended = search(
        case_of(offers, minimum), np.array(fixed, dtype=np.int64), float(gap), node_limit
    )
    if ended in (NONE, UNKNOWN):
        return None
    seats = zip(taken.tolist(), option.tolist(), term.tolist(), strict=True)
    return Choice(tuple(sorted(seats)), value, bound, nodes, ended == PROVEN)


def case_of(offers: Offers, minimum: tuple[int, int]) -> Case:
    """Return the choice among offers with the least numbers of practice and formal steps; it is made once."""
    known = _CASES.setdefault(offers, {})
    if minimum not in known:
        known[minimum] = _case(offers, minimum)
    return known[minimum]


def _case(offers: Offers, minimum: tuple[int, int]) -> Case:
    limits, calendar = offers.request.limits, offers.pool.calendar
    gains, weights = offers.left()
    return Case(
        gains,
        weights,
        offers.hours,
        offers.kinds,
        np.array(minimum, dtype=np.int64),
        offers.needs_first,
        offers.needs,
        offers.users,
        np.zeros(len(offers.hours) + 1, dtype=np.int64),
        np.zeros(0, dtype=np.int64),
        offers.first,
        *offers.seats,
        calendar.opens,
        calendar.closes,
        float(limits.hours),
        np.full(len(calendar.opens), float(limits.term_hours)),
        min(limits.steps, most_within(offers.hours, limits.hours)),
        float(offers.hour_cost),
    )
