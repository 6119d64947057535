"""What is wrong with an assignment, told without the solver: every broken rule by name."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from recommender.assignment.values import Assignment
from recommender.route import Reason

TOLERANCE = 1e-6
"""Sums of fits are compared up to this share of themselves."""


def assignment_faults(
    fit: csr_array,
    places: NDArray[np.integer],
    assignment: Assignment,
    *,
    pinned: Iterable[tuple[int, int]] = (),
    forbidden: Iterable[tuple[int, int]] = (),
) -> tuple[Reason, ...]:
    """Return every fault of an assignment, in the order of rows; codes stand in `mentoring.reasons.ASSIGNMENT_FAULTS`.

    `fit` (n, m), `places` (m,) as in `solve`. Besides broken rules it is a fault that someone is left alone although
    a feasible mentor has a free place: no objective does that.
    """
    mentees, mentors = fit.shape
    mentor_of = np.asarray(assignment.mentor_of)
    if mentor_of.shape != (mentees,):
        return (Reason("fault_size", (("mentees", mentees), ("rows", len(mentor_of)))),)
    outside = np.flatnonzero((mentor_of < -1) | (mentor_of >= mentors))
    if len(outside):
        return tuple(_fault("fault_unknown_mentor", mentee, mentor_of) for mentee in outside.tolist())
    held = {(int(mentee), int(mentor)) for mentee, mentor in pinned}
    banned = {(int(mentee), int(mentor)) for mentee, mentor in forbidden}
    return (
        *_pair_faults(fit, mentor_of, held, banned),
        *_place_faults(fit, np.asarray(places), mentor_of, banned),
        *_total_faults(fit, assignment),
    )


def _pair_faults(
    fit: csr_array, mentor_of: NDArray[np.integer], held: set[tuple[int, int]], banned: set[tuple[int, int]]
) -> Iterator[Reason]:
    for mentee, mentor in sorted(held):
        if mentor_of[mentee] != mentor:
            yield Reason("fault_pin_broken", (("mentee", mentee), ("mentor", mentor)))
    for mentee, mentor in sorted(banned):
        if mentor_of[mentee] == mentor:
            yield Reason("fault_forbidden", (("mentee", mentee), ("mentor", mentor)))
    rows = np.repeat(np.arange(fit.shape[0]), np.diff(fit.indptr))
    feasible = np.zeros(fit.shape[0], dtype=bool)
    feasible[rows[fit.indices == mentor_of[rows]]] = True
    for row in np.flatnonzero((mentor_of >= 0) & ~feasible).tolist():
        if (row, int(mentor_of[row])) not in held:
            yield _fault("fault_infeasible", row, mentor_of)


def _place_faults(
    fit: csr_array, places: NDArray[np.integer], mentor_of: NDArray[np.integer], banned: set[tuple[int, int]]
) -> Iterator[Reason]:
    used = np.bincount(mentor_of[mentor_of >= 0], minlength=len(places))
    for mentor in np.flatnonzero(used > places):
        values = (("mentor", int(mentor)), ("pairs", int(used[mentor])), ("places", int(places[mentor])))
        yield Reason("fault_places", values)
    free = used < places
    for mentee in np.flatnonzero(mentor_of < 0):
        for mentor in fit.indices[fit.indptr[mentee] : fit.indptr[mentee + 1]]:
            if free[mentor] and (int(mentee), int(mentor)) not in banned:
                yield Reason("fault_left_alone", (("mentee", int(mentee)), ("mentor", int(mentor))))
                break


def _total_faults(fit: csr_array, assignment: Assignment) -> Iterator[Reason]:
    expected = sum(
        float(fit.data[at])
        for mentee, mentor in enumerate(assignment.mentor_of)
        for at in range(fit.indptr[mentee], fit.indptr[mentee + 1])
        if fit.indices[at] == mentor
    )
    if abs(expected - assignment.total) > TOLERANCE * max(1.0, abs(expected)):
        yield Reason("fault_total", (("total", assignment.total), ("expected", expected)))


def _fault(code: str, mentee: int, mentor_of: NDArray[np.integer]) -> Reason:
    return Reason(code, (("mentee", mentee), ("mentor", int(mentor_of[mentee]))))
