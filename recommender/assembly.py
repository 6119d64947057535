"""From the candidates of a person to the array-level problem that the composer solves.

An item of the problem is an activity with the deliveries that are interchangeable for it. Deliveries that clash with
others (attended, dated) and those in chains of prerequisites are items of their own; an activity that requires others
is there once for each way of meeting its requirements, so that «one of several deliveries» is said exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from recommender.candidates import NUMBER, Pool
from recommender.catalogue import Catalogue, Floats, Indices
from recommender.chains import Items, Needs, needed_by, with_chains
from recommender.composition import RouteProblem
from recommender.route import Deficit, Request
from recommender.schedule import clash_groups
from recommender.territory import Territory

OTHER, PRACTICE, FORMAL, FIXED = 0, 1, 2, 3
"""Kinds of items; an activity that is fixed and has several items has a kind of its own from FIXED on."""


@dataclass(frozen=True, eq=False)
class Assembly:
    """The arrays of a person's problem: `gains` (n, d), `weights` (d,) weight × gap, `hours` (n,), `kinds` (n,)."""

    pool: Pool
    items: Items
    gains: Floats
    weights: Floats
    hours: Floats
    kinds: Indices
    exclusive: tuple[tuple[int, ...], ...]
    catalogue: Catalogue

    def items_of(self, activity: str) -> tuple[int, ...]:
        """Return the items of an activity."""
        position = self.catalogue.position[activity]
        found = self.pool.positions[self.items.owner] == position
        return tuple(np.flatnonzero(found).tolist())

    @cached_property
    def needing(self) -> tuple[int, ...]:
        """Items that require others."""
        return tuple(item for item, needs in enumerate(self.items.needs) if needs)

    @cached_property
    def _memberships(self) -> tuple[Indices, Indices]:
        """All pairs of a group of `exclusive` and an item in it."""
        groups = np.repeat(np.arange(len(self.exclusive)), [len(group) for group in self.exclusive])
        return groups.astype(np.int32), np.array([item for group in self.exclusive for item in group], dtype=np.int32)

    def excluding(self, item: int) -> Indices:
        """Return the items that cannot be taken together with an item, itself among them."""
        groups, items = self._memberships
        shared = np.zeros(len(self.exclusive), dtype=np.bool_)
        shared[groups[items == item]] = True
        return np.append(items[shared[groups]], np.int32(item))

    def available(self, kind: int) -> int:
        """Return how many activities of a kind have an item."""
        return len(np.unique(self.items.owner[self.kinds == kind]))

    def problem(
        self, request: Request, territory: Territory, fixed: Sequence[str], minimum: dict[int, int]
    ) -> RouteProblem:
        """Return the problem with some of the fixed activities and the least numbers of steps by kind."""
        kinds, minimum = self.kinds.astype(np.int8), dict(minimum)
        alone: set[int] = set()
        for number, code in enumerate(fixed):
            items = self.items_of(code)
            if len(items) == 1:
                alone.update(items)
                continue
            # Exactly one of its items must be taken: a kind of their own with a minimum of one says just that, and
            # the step is counted in advance for the kind that it would have had.
            kind = int(kinds[items[0]])
            minimum[kind] = max(0, minimum.get(kind, 0) - 1)
            minimum[FIXED + number] = 1
            kinds[list(items)] = FIXED + number
        limits = request.limits
        return RouteProblem(
            weights=self.weights,
            gains=csr_array(self.gains),
            hours=self.hours,
            total_hours=limits.hours,
            # A period without terms has no items; the composer still asks for one term.
            term_hours=np.full(max(1, len(self.pool.spans)), limits.term_hours),
            starts=self.items.delivery >= 0 if self.pool.spans else np.zeros((0, 1), dtype=np.bool_),
            max_steps=limits.steps,
            exclusive=self.exclusive,
            requires=tuple((item, need) for item, needs in enumerate(self.items.needs) for need in needs),
            kinds=kinds,
            kind_minimum={kind: least for kind, least in sorted(minimum.items()) if least > 0},
            fixed=frozenset(alone),
            forbidden=frozenset(),
            hour_cost=territory.route.hour_cost,
        )


def assemble(
    pool: Pool, deficits: Sequence[Deficit], chances: Floats, request: Request, catalogue: Catalogue
) -> Assembly:
    """Return the items of a pool with their arrays; `chances` (m,) multiply the gains of the pool's activities."""
    needed = needed_by(pool, request, catalogue)
    items = with_chains(_plain_items(pool, needed, catalogue), needed, pool, catalogue)
    pool = replace(pool, rule=_barred_by_time(pool, items))
    positions = pool.positions[items.owner]
    kinds = np.where(catalogue.formal[positions], FORMAL, np.where(catalogue.practice[positions], PRACTICE, OTHER))
    return Assembly(
        pool=pool,
        items=items,
        gains=(pool.gains * chances[:, None])[items.owner],
        weights=np.array([deficit.weight * deficit.gap for deficit in deficits], dtype=np.float64),
        hours=catalogue.hours[positions],
        kinds=kinds.astype(np.int32),
        exclusive=(*_same_activity(items), *_clashes(items, positions, catalogue)),
        catalogue=catalogue,
    )


def _barred_by_time(pool: Pool, items: Items) -> NDArray[np.int8]:
    """Return the rules of a pool where a candidate without an item waits for what cannot be over in time."""
    rule = pool.rule.copy()
    waiting = rule == 0
    waiting[items.owner] = False
    rule[waiting] = NUMBER["requires"]
    return rule


def _plain_items(pool: Pool, needed: Needs, catalogue: Catalogue) -> Items:
    """Return the items of all candidates as if nothing required anything."""
    chained = np.zeros(len(pool.positions), dtype=np.bool_)
    chained[[*needed, *chain.from_iterable(needed.values())]] = True
    kept = np.flatnonzero((pool.rule[pool.owner] == 0) & pool.allowed.any(axis=1))
    owner, deliveries = pool.owner[kept], pool.deliveries[kept]
    starts, position = catalogue.deliveries.starts[deliveries], pool.positions[owner]
    alone = (starts > 0) & (catalogue.attended[position] | chained[owner])
    keys = owner.astype(np.int64) * (len(kept) + 1) + np.where(alone, np.arange(len(kept)) + 1, 0)
    unique, item = np.unique(keys, return_inverse=True)
    table = np.full((len(unique), len(pool.spans)), -1, dtype=np.int32)
    # Of interchangeable deliveries the undated one is taken, else the earliest; it is written last and stays.
    order = np.lexsort((deliveries, starts))[::-1]
    row, term = np.nonzero(pool.allowed[kept][order])
    table[item[order][row], term] = deliveries[order][row]
    owners = (unique // (len(kept) + 1)).astype(np.int32)
    return Items(owners, table, ((),) * len(unique))


def _same_activity(items: Items) -> tuple[tuple[int, ...], ...]:
    order = np.argsort(items.owner, kind="stable")
    _, first, count = np.unique(items.owner[order], return_index=True, return_counts=True)
    several = count > 1
    return tuple(
        tuple(sorted(order[start : start + length].tolist()))
        for start, length in zip(first[several].tolist(), count[several].tolist(), strict=True)
    )


def _clashes(items: Items, positions: Indices, catalogue: Catalogue) -> tuple[tuple[int, ...], ...]:
    """Return groups of items whose dated, attended deliveries share a day and belong to several activities."""
    delivery = items.delivery.max(axis=1, initial=-1)
    starts = np.where(delivery >= 0, catalogue.deliveries.starts[delivery], 0) if len(delivery) else delivery
    dated = np.flatnonzero((starts > 0) & catalogue.attended[positions])
    groups = clash_groups(starts[dated], catalogue.deliveries.ends[delivery[dated]])
    owners = positions[dated]
    least = np.where(groups, owners, np.iinfo(np.int32).max).min(axis=1, initial=np.iinfo(np.int32).max)
    most = np.where(groups, owners, -1).max(axis=1, initial=-1)
    return tuple(tuple(dated[row].tolist()) for row in groups[least < most])
