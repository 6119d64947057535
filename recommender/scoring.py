"""The best activities of every person by what they lack, through an inverted index: never people × activities at once.

A score is Σ weight·gap × gain over the competencies that a person lacks and an activity develops. The kernel adds the
gains of one competency after another into a row of activities (term-at-a-time scoring with accumulators: Moffat and
Zobel 1996) and visits the same short lists once more to take the best out and leave the row clean for the next person.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array

Array = NDArray[Any]
Matrix = csr_array[np.float64]

CHUNK: Final = 2_048
"""People that a thread takes at once: enough to hide the hand-over, few enough for threads to end together."""

NONE: Final = -1
"""Stands where a person has fewer activities with a score than were asked for."""


@dataclass(frozen=True, eq=False)
class Postings:
    """The activities of each competency: those of row c are `activity[first[c]:first[c + 1]]`, with their `gain`."""

    first: NDArray[np.int64]
    activity: NDArray[np.int32]
    gain: NDArray[np.float64]
    activities: int


@dataclass(frozen=True, eq=False)
class Best:
    """The best activities of each person (p, k), best first, with their scores; NONE and 0 where there are fewer."""

    activity: NDArray[np.int32]
    score: NDArray[np.float64]


def postings_of(gains: Matrix) -> Postings:
    """Return the inverted index of gains (activities × competencies, ≥ 0); entries of 0 are left out."""
    by_competency = csc_array(gains)
    by_competency.sum_duplicates()
    by_competency.eliminate_zeros()
    if by_competency.nnz and float(by_competency.data.min()) < 0:
        raise ValueError("gains must not be negative")
    return Postings(
        by_competency.indptr.astype(np.int64),
        by_competency.indices.astype(np.int32),
        by_competency.data.astype(np.float64),
        int(by_competency.shape[0]),
    )


def best_activities(
    needs: Matrix,
    postings: Postings,
    count: int,
    *,
    barred: Array | None = None,
    group: Array | None = None,
    threads: int = 1,
) -> Best:
    """Return the `count` activities with the highest scores of each person, ties by the smaller index.

    `needs` (people × competencies, ≥ 0) holds weight × gap of each deficit. With `barred` (groups × activities, flags)
    and `group` (p,) nobody gets an activity that is barred for their group. The sum of a score is taken in the order
    of the person's row, so that the answer does not depend on the number of threads. Raises ValueError for shapes or
    values without meaning.
    """
    people = int(needs.shape[0])
    if count < 0 or (needs.nnz and float(needs.data.min()) < 0) or needs.shape[1] != len(postings.first) - 1:
        raise ValueError("needs must not be negative and must have a column for each competency of the postings")
    if barred is None or group is None:
        barred, group = np.zeros((1, postings.activities), dtype=np.bool_), np.zeros(people, dtype=np.int32)
    outside = len(group) > 0 and not 0 <= int(group.min()) <= int(group.max()) < len(barred)
    if barred.shape[1] != postings.activities or len(group) != people or outside:
        raise ValueError("barred must have a column for each activity and group a row of it for each person")
    found = Best(np.full((people, count), NONE, dtype=np.int32), np.zeros((people, count)))
    given = needs.indptr.astype(np.int64), needs.indices.astype(np.int32), needs.data.astype(np.float64)
    rules = barred.astype(np.bool_), group.astype(np.int32)
    parts = [(start, min(start + CHUNK, people)) for start in range(0, people, CHUNK)] if count else []

    def rank(part: tuple[int, int]) -> None:
        _rank(part, given, (postings.first, postings.activity, postings.gain), rules, found.activity, found.score)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(rank, parts))
    return found


@njit(cache=True, nogil=True)
def _rank(
    part: tuple[int, int],
    needs: tuple[Array, Array, Array],
    postings: tuple[Array, Array, Array],
    rules: tuple[Array, Array],
    best: Array,
    score: Array,
) -> None:
    """Fill the rows of `best` and `score` for the people of a part."""
    row = np.zeros(rules[0].shape[1])
    for person in range(part[0], part[1]):
        low, high = needs[0][person], needs[0][person + 1]
        _add(row, needs[1][low:high], needs[2][low:high], postings)
        _take(row, needs[1][low:high], postings, rules[0][rules[1][person]], best[person], score[person])


@njit(cache=True, nogil=True)
def _add(row: Array, competencies: Array, weights: Array, postings: tuple[Array, Array, Array]) -> None:
    for place in range(len(competencies)):
        weight = weights[place]
        for entry in range(postings[0][competencies[place]], postings[0][competencies[place] + 1]):
            row[postings[1][entry]] += weight * postings[2][entry]


@njit(cache=True, nogil=True)
def _take(
    row: Array, competencies: Array, postings: tuple[Array, Array, Array], barred: Array, best: Array, score: Array
) -> None:
    """Move the best scores of a row into `best` and `score`, and make the row zero again."""
    last = len(best) - 1
    least = 0.0
    for competency in competencies:
        for entry in range(postings[0][competency], postings[0][competency + 1]):
            activity = postings[1][entry]
            value = row[activity]
            row[activity] = 0.0
            # Whoever was looked at before is 0 by now and fails the first comparison with everyone else.
            if value < least or value == 0.0 or barred[activity]:
                continue
            if value == score[last] and best[last] >= 0 and activity > best[last]:
                continue
            place = last
            while place > 0 and _before(value, activity, score[place - 1], best[place - 1]):
                best[place], score[place] = best[place - 1], score[place - 1]
                place -= 1
            best[place], score[place] = activity, value
            least = score[last]


@njit(cache=True, nogil=True, inline="always")
def _before(value: float, activity: int, other_value: float, other: int) -> bool:
    return value > other_value or (value == other_value and (other < 0 or activity < other))
