"""Mentors for a whole region: the best pairs under places, pins and bans, with a proof that none are better."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from recommender.assignment.duals import OBJECTIVES, certify
from recommender.assignment.flow import (
    Ints,
    Network,
    build_network,
    checked_fit,
    fairest_flow,
    richest_flow,
    widest_flow,
)
from recommender.assignment.values import Assignment, AssignmentCertificate

SOLVERS: Final[Mapping[str, Callable[[Network], Ints]]] = MappingProxyType(
    {"coverage": widest_flow, "total": richest_flow, "fairest": fairest_flow}
)


def solve(
    fit: csr_array,
    places: NDArray[np.integer],
    *,
    objective: str = "coverage",
    pinned: Iterable[tuple[int, int]] = (),
    forbidden: Iterable[tuple[int, int]] = (),
) -> Assignment:
    """Return the best assignment of mentors to mentees, with the certificate that no other is better.

    `fit` (n, m) holds the fit > 0 of feasible pairs only; `places` (m,) whole numbers ≥ 0; `pinned` and `forbidden`
    are pairs (mentee, mentor) of rows. Objectives: «coverage» – as many mentees as possible, then the largest sum of
    fits; «total» – the largest sum; «fairest» – as many as possible, then the highest lowest fit among pairs that are
    free to choose, then the largest sum. A pinned pair takes a place, holds even where it is not feasible (its fit is
    then 0), and is left out of the lowest fit: it is not the solver's to change.

    Costs are whole numbers (`assignment.flow.cost_scale`): exact for fits that are whole or millionths, else within
    n/scale of the best sum. Deterministic. The total never depends on the order of rows; among equally good
    assignments the order decides, so a caller who wants the same pairs passes rows sorted by their keys.

    Raises ValueError for input without meaning, PinConflict where pinned pairs cannot all hold.
    Method: min-cost flow by cost scaling (Goldberg, Tarjan 1990) in OR-tools; proof by prices of places.

    >>> solve(csr_array([[3.0, 2.0], [2.0, 0.0]]), np.array([1, 1])).mentor_of.tolist()
    [1, 0]
    """
    _check_objective(objective)
    fit = checked_fit(fit)
    network = build_network(fit, places, pinned, forbidden)
    mentor_of = SOLVERS[objective](network)
    mentor_of.flags.writeable = False
    certificate = certify(network, fit, mentor_of, objective)
    return Assignment(mentor_of, certificate.value, certificate)


def optimality_gap(
    fit: csr_array,
    places: NDArray[np.integer],
    mentor_of: NDArray[np.integer],
    *,
    objective: str = "coverage",
    pinned: Iterable[tuple[int, int]] = (),
    forbidden: Iterable[tuple[int, int]] = (),
) -> AssignmentCertificate:
    """Return the certificate of any assignment without faults, also of one that was changed by hand.

    Arguments as of `solve`; `mentor_of` (n,) with −1 for uncovered mentees.
    """
    _check_objective(objective)
    fit = checked_fit(fit)
    network = build_network(fit, places, pinned, forbidden)
    return certify(network, fit, np.asarray(mentor_of, dtype=np.int64), objective)


def _check_objective(objective: str) -> None:
    if objective not in OBJECTIVES:
        raise ValueError(f"Unknown objective {objective!r}: one of {', '.join(OBJECTIVES)}")
