"""An assignment of mentors to mentees as arrays, its certificate, and pins that cannot all hold."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.refusals import Refused
from recommender.route import Reason


@dataclass(frozen=True, slots=True)
class AssignmentCertificate:
    """How good an assignment is, with bounds that follow from prices of places (linear-programming duality).

    `coverage` and its bound count mentees; `worst` is the lowest fit of a pair that is not pinned (0 without such
    pairs), and its bound holds for every assignment of that coverage; `value` is the sum of fits, and `bound` holds
    for every assignment that is as good in what the objective puts before the sum. `gap` = (bound − value)/bound, 0
    if the bound is 0. Bounds of what an objective does not ask for are true, but need not be close.
    """

    coverage: int
    coverage_bound: int
    worst: float
    worst_bound: float
    value: float
    bound: float
    gap: float


@dataclass(frozen=True)
class Assignment:
    """Who accompanies whom: `mentor_of` (n,) is the row of the mentor, −1 for the uncovered; `total` the sum of fits.

    A pinned pair that the fit does not know holds all the same and adds 0 to `total`.
    """

    mentor_of: NDArray[np.int64]
    total: float
    certificate: AssignmentCertificate


class PinConflict(Refused):
    """Pairs that are pinned by hand cannot all hold; `reason` has a code of `mentoring.reasons.CONFLICTS`."""

    def __reduce__(self) -> tuple[Callable[[Reason], "PinConflict"], tuple[Reason]]:
        # Errors cross process borders in jobs, and an exception is rebuilt from its arguments there.
        return _rebuild, (self.reason,)


def _rebuild(reason: Reason) -> PinConflict:
    return PinConflict(reason.code, **dict(reason.values))
