"""The array-level problem of one route as a case of the search: an activity's terms are its only option."""

from dataclasses import dataclass
from itertools import chain, permutations

import numpy as np
from numpy.typing import NDArray

from recommender.search.instance import Case, most_within
from recommender.search.problem import RouteProblem

MAX_TERMS = 62
"""Terms are bits of a number."""

Numbers = NDArray[np.int64]
Lists = list[list[int]]


@dataclass(frozen=True, eq=False)
class Posed:
    """A case, the activities of the problem that stand in it (n,), ascending, and the places of the fixed ones."""

    case: Case
    activities: Numbers
    fixed: Numbers


def has_circle(problem: RouteProblem) -> bool:
    """Tell whether activities require each other in a circle."""
    served = _served(problem, np.ones(len(problem.hours), dtype=np.bool_))
    return not bool(served.all())


def pose(problem: RouteProblem) -> Posed | None:
    """Return the case of a problem, without what is forbidden or can never be taken; None where that is fixed.

    What requires itself in a circle can never be taken: with several terms it would have to be earlier than itself.
    """
    usable: NDArray[np.bool_] = np.any(problem.starts, axis=1)
    usable[list(problem.forbidden)] = False
    activities = np.flatnonzero(_served(problem, usable))
    number = np.full(len(usable), -1, dtype=np.int64)
    number[activities] = np.arange(len(activities))
    fixed = number[sorted(problem.fixed)]
    return Posed(_case(problem, activities, number), activities, fixed) if (fixed >= 0).all() else None


def _served(problem: RouteProblem, usable: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which of the usable activities have all that they require among the usable ones before them."""
    served, waiting = usable.copy(), _lists(len(usable), problem.requires)
    asking = [a for a, needed in enumerate(waiting) if needed and usable[a]]
    served[asking] = False
    changed = True
    while changed:
        ready = [a for a in asking if not served[a] and served[waiting[a]].all()]
        served[ready] = True
        changed = bool(ready)
    return served


def _case(problem: RouteProblem, activities: Numbers, number: Numbers) -> Case:
    hours = problem.hours[activities].astype(np.float64)
    total = float(min(problem.total_hours, hours.sum()))
    requires = [(number[one], number[other]) for one, other in problem.requires if number[one] >= 0]
    needs_first, needs = _flat(_lists(len(activities), requires))
    count, terms = len(activities), len(problem.term_hours)
    undated = np.zeros(count, dtype=np.int64)
    starts = np.asarray(problem.starts, dtype=np.int64)[activities]
    # A term lasts two days: within a single one, what is required can be over before its user begins.
    opens = np.arange(terms, dtype=np.int64) * 2
    return Case(
        np.ascontiguousarray(np.minimum(problem.gains.toarray()[activities].T, 1.0)),
        np.array(problem.weights, dtype=np.float64),
        hours,
        *_minimums(problem, activities),
        needs_first,
        needs,
        np.bincount(needs, minlength=count),
        *_flat(_rivals(problem, number, count)),
        np.arange(count + 1),
        starts @ (1 << np.arange(terms, dtype=np.int64)),
        undated,
        undated,
        np.full(count, 2 * terms),
        np.zeros(count, dtype=np.bool_),
        opens,
        opens + 1,
        total,
        np.array(problem.term_hours, dtype=np.float64),
        min(int(problem.max_steps), most_within(hours, total)),
        float(problem.hour_cost),
    )


def _minimums(problem: RouteProblem, activities: Numbers) -> tuple[Numbers, Numbers]:
    """Return the number of the minimum that each activity counts for (−1: none), and the minimums."""
    named = sorted(kind for kind, least in problem.kind_minimum.items() if least > 0)
    counts = np.full(len(activities), -1, dtype=np.int64)
    for place, kind in enumerate(named):
        counts[problem.kinds[activities] == kind] = place
    return counts, np.array([problem.kind_minimum[kind] for kind in named], dtype=np.int64)


def _rivals(problem: RouteProblem, number: Numbers, count: int) -> Lists:
    """Return with which others each activity shares a group."""
    rivals: list[set[int]] = [set() for _ in range(count)]
    for group in problem.exclusive:
        for one, other in permutations([place for place in number[list(group)].tolist() if place >= 0], 2):
            rivals[one].add(other)
    return [sorted(others) for others in rivals]


def _lists(count: int, pairs: tuple[tuple[int, int], ...] | list[tuple[int, int]]) -> Lists:
    lists: Lists = [[] for _ in range(count)]
    for one, other in sorted(set(pairs)):
        lists[one].append(int(other))
    return lists


def _flat(lists: Lists) -> tuple[Numbers, Numbers]:
    """Return row starts and the rows one after another."""
    starts = np.cumsum([0, *map(len, lists)])
    return starts, np.fromiter(chain.from_iterable(lists), dtype=np.int64, count=starts[-1])
