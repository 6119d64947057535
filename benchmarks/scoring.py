"""The ten best of many activities for very many people, side by side with sparse_dot_topn in one run.

Run as `python -m benchmarks.scoring`; sizes are arguments. Both sides get the same sparse matrices and two threads,
both are run in turn, and the best of the runs counts, so that neither gains from the state of the machine.
"""

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.sparse import csr_array, csr_matrix, vstack
from sparse_dot_topn import sp_matmul_topn

from recommender.scoring import best_activities, postings_of


def sparse_rows(random: np.random.Generator, rows: int, columns: int, each: int, low: float) -> csr_array:
    """Return (rows, columns) with `each` distinct columns in every row and values in [low, 1)."""
    places = np.argsort(random.random((rows, columns), dtype=np.float32), axis=1)[:, :each]
    places.sort(axis=1)
    values = random.uniform(low, 1.0, rows * each)
    return csr_array((values, places.ravel(), np.arange(0, rows * each + 1, each)), shape=(rows, columns))


def instance(people: int, activities: int, competencies: int, seed: int) -> tuple[csr_array, csr_array]:
    """Return needs (eight deficits each) and gains (five competencies each)."""
    random = np.random.default_rng(seed)
    needs = [sparse_rows(random, min(10_000, people - at), competencies, 8, 0.05) for at in range(0, people, 10_000)]
    return csr_array(vstack(needs)), sparse_rows(random, activities, competencies, 5, 0.1)


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds that an action takes, and its result."""
    begun = time.perf_counter()
    result = action()
    return time.perf_counter() - begun, result


def main() -> None:
    """Print people per second of both sides and their ratio."""
    options = argparse.ArgumentParser(description=__doc__)
    for name, default in (("people", 100_000), ("activities", 10_000), ("competencies", 200), ("best", 10)):
        options.add_argument(f"--{name}", type=int, default=default)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--runs", type=int, default=5)
    given = options.parse_args()
    needs, gains = instance(given.people, given.activities, given.competencies, seed=0)
    postings = postings_of(gains)
    other = csr_matrix(gains.T)
    ours: list[float] = []
    theirs: list[float] = []
    best_activities(needs[:10], postings, given.best)
    for _ in range(given.runs):
        seconds, found = timed(lambda: best_activities(needs, postings, given.best, threads=given.threads))
        ours.append(seconds)
        seconds, expected = timed(
            lambda: sp_matmul_topn(csr_matrix(needs), other, given.best, sort=True, n_threads=given.threads)
        )
        theirs.append(seconds)
    same = np.allclose(found.score.sum(axis=1), np.asarray(expected.sum(axis=1)).ravel())
    print(f"ours             {given.people / min(ours):12,.0f} people/s")
    print(f"sparse_dot_topn  {given.people / min(theirs):12,.0f} people/s")
    print(f"ratio            {min(theirs) / min(ours):12.2f}   (same sums of scores: {same})")


if __name__ == "__main__":
    main()
