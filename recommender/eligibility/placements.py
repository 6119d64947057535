"""Steps moved by hand: in which deliveries and terms a placed activity may still begin."""

from collections.abc import Mapping
from datetime import date

import numpy as np
from numpy.typing import NDArray

from recommender.catalogue import Catalogue
from recommender.eligibility.candidates import Pool
from recommender.route import Placement, Request


def narrowed_terms(pool: Pool, request: Request, catalogue: Catalogue) -> tuple[NDArray[np.int64], Mapping[str, date]]:
    """Return the terms of the pool's deliveries (q,) as bits, those of placed activities as they were placed.

    An activity that may be taken, but nowhere where it was placed, keeps all its terms; it is named with that day.
    """
    terms, misplaced = pool.terms, dict[str, date]()
    for placement in request.placed:
        index = int(pool.positions.searchsorted(catalogue.position[placement.activity]))
        own = slice(*pool.owner.searchsorted((index, index + 1)).tolist())
        kept = np.where(pool.status[own] == 0, terms[own] & _where(placement, own, pool, catalogue), 0)
        if kept.any():
            terms = terms.copy()
            terms[own] = kept
        elif pool.rule[index] == 0:
            misplaced[placement.activity] = placement.day
    return terms, misplaced


def _where(placement: Placement, own: slice, pool: Pool, catalogue: Catalogue) -> NDArray[np.int64]:
    """Return the terms that a placement leaves to each delivery of its activity, as bits."""
    if placement.exact:
        starts = catalogue.deliveries.starts[pool.deliveries[own]]
        return np.where(starts == placement.day.toordinal(), np.int64(-1), np.int64(0))
    held = [span.starts <= placement.day <= span.ends for span in pool.spans]
    return np.full(own.stop - own.start, sum(1 << term for term, holds in enumerate(held) if holds), dtype=np.int64)
