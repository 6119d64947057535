"""Chains of requirements as items: an activity that requires others is there once for each way of meeting that."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain, product
from typing import Final

import numpy as np

from recommender.candidates import Pool, unmet
from recommender.catalogue import Catalogue, Indices
from recommender.route import Request

LATEST: Final = np.iinfo(np.int32).max
Needs = Mapping[int, tuple[int, ...]]
"""What each activity requires; both are indices into a pool."""


@dataclass(frozen=True, eq=False)
class Items:
    """The items of a problem: `owner` (n,) index into the pool, `delivery` (n, t) the delivery that begins in a term
    (row of the catalogue's deliveries, −1 where none does), `needs` the items that an item requires."""

    owner: Indices
    delivery: Indices
    needs: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class _Variant:
    """One way of taking an activity: its deliveries by term, and the variants of what it requires."""

    owner: int
    delivery: tuple[int, ...]
    needs: tuple["_Variant", ...] = ()


def needed_by(pool: Pool, request: Request, catalogue: Catalogue) -> Needs:
    """Return the candidates with requirements that the person has not met yet."""
    requiring = np.diff(catalogue.requires.first)[pool.positions] > 0
    missing = {
        owner: unmet(int(pool.positions[owner]), request, catalogue)
        for owner in np.flatnonzero(requiring & (pool.rule == 0)).tolist()
    }
    return {
        owner: tuple(pool.positions.searchsorted(positions).tolist())
        for owner, positions in missing.items()
        if positions
    }


def with_chains(items: Items, needed: Needs, pool: Pool, catalogue: Catalogue) -> Items:
    """Return the items with every activity that requires others once for each way of meeting that."""
    if not needed:
        return items
    variants = _variants(needed, items, pool, catalogue)
    involved = np.zeros(len(pool.positions), dtype=np.bool_)
    involved[[variant.owner for variant in variants]] = True
    involved[list(needed)] = True
    plain = ~involved[items.owner]
    count = int(plain.sum())
    number = {variant: count + place for place, variant in enumerate(variants)}
    made = np.array([variant.delivery for variant in variants], dtype=np.int32).reshape(-1, len(pool.spans))
    return Items(
        owner=np.concatenate([items.owner[plain], np.array([v.owner for v in variants], dtype=np.int32)]),
        delivery=np.concatenate([items.delivery[plain], made]),
        needs=((),) * count + tuple(tuple(number[need] for need in v.needs) for v in variants),
    )


def _variants(needed: Needs, items: Items, pool: Pool, catalogue: Catalogue) -> list[_Variant]:
    """Return all variants of the activities in chains, which never run in a circle among candidates."""
    known: dict[int, list[_Variant]] = {}

    def variants_of(owner: int) -> list[_Variant]:
        if owner not in known:
            low, high = items.owner.searchsorted((owner, owner + 1)).tolist()
            rows = items.delivery[low:high].tolist()
            ways = list(product(*(variants_of(need) for need in needed.get(owner, ()))))
            made = (_joined(owner, tuple(row), way, pool, catalogue) for row in rows for way in ways)
            known[owner] = [variant for variant in made if variant is not None]
        return known[owner]

    return [
        variant for owner in sorted({*needed, *chain.from_iterable(needed.values())}) for variant in variants_of(owner)
    ]


def _joined(
    owner: int, delivery: tuple[int, ...], needs: tuple[_Variant, ...], pool: Pool, catalogue: Catalogue
) -> _Variant | None:
    """Return the variant with the terms that leave time for what it requires, None where no term does."""
    kept = tuple(
        row if row >= 0 and all(_in_time(owner, row, term, need, pool, catalogue) for need in needs) else -1
        for term, row in enumerate(delivery)
    )
    return _Variant(owner, kept, needs) if max(kept, default=-1) >= 0 else None


def _in_time(owner: int, row: int, term: int, need: _Variant, pool: Pool, catalogue: Catalogue) -> bool:
    """Say whether what is needed can be over before a delivery begins in a term (strictly earlier where there are
    several terms)."""
    earlier = need.delivery[:term] if len(pool.spans) > 1 else need.delivery
    begins, latest = _window(owner, row, term, pool, catalogue)
    for earlier_term, earlier_row in enumerate(earlier):
        if earlier_row < 0:
            continue
        dated = catalogue.deliveries.starts[earlier_row] > 0
        # An undated step ends with its term, or the day before where both stand in the only term.
        ends = int(catalogue.deliveries.ends[earlier_row]) if dated else pool.spans[earlier_term].starts.toordinal()
        if max(begins, ends + 1) <= latest:
            return True
    return False


def _window(owner: int, row: int, term: int, pool: Pool, catalogue: Catalogue) -> tuple[int, int]:
    """Return the first and the last day on which a delivery may begin in a term."""
    position, starts, ends = pool.positions[owner], catalogue.deliveries.starts[row], catalogue.deliveries.ends[row]
    if starts > 0:
        return int(starts), int(starts)
    span = pool.spans[term]
    latest = min(span.ends.toordinal(), int(catalogue.last_start[position]), int(ends) if ends > 0 else LATEST)
    return span.starts.toordinal(), latest
