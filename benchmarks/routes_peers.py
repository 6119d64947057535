"""What HiGHS found on seeded instances, kept in a file of JSON lines: hours of it need not be in one go, or made twice.

An answer belongs to the instance, the version of SciPy (HiGHS is SciPy's) and the clock; answers of others are left
alone. Who changes `recommender/search/highs.py` or the instances begins a new file. Several processes may write
to one file, each line at once.
"""

import importlib.metadata
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from recommender.composition import RouteProblem, RouteSolution
from recommender.search.highs import solve_exactly

Size = tuple[int, int, str]
Clock = Callable[[], float]


@dataclass(frozen=True)
class Peer:
    """The optimum of an instance by HiGHS, its milliseconds, and those of HiGHS to our gap where that was asked."""

    size: Size
    seed: int
    value: float
    exact: float
    near: float | None
    scipy: str
    clock: str


class Peers:
    """Answers of HiGHS by instance: those of the file, or made now and added to it."""

    def __init__(self, path: Path | None, clock: str, time: Clock) -> None:
        self.path, self.clock, self.time = path, clock, time
        self.scipy = importlib.metadata.version("scipy")
        lines = path.read_text(encoding="utf-8").splitlines() if path and path.exists() else []
        read = [Peer(**{**entry, "size": tuple(entry["size"])}) for entry in map(json.loads, lines)]
        ours = [one for one in read if (one.scipy, one.clock) == (self.scipy, clock)]
        # The one that says more wins where two processes wrote of an instance.
        self.kept = {(one.size, one.seed): one for one in sorted(ours, key=lambda one: one.near is not None)}

    def answer(self, size: Size, seed: int, problem: RouteProblem, gap: float | None) -> Peer:
        """Return what HiGHS finds, exactly and, with a gap, to the gap as well."""
        kept = self.kept.get((size, seed))
        if kept is not None and (gap is None or kept.near is not None):
            return kept
        if kept is None:
            best, exact = timed(lambda: solve_exactly(problem), self.time)
            kept = Peer(size, seed, best.value, exact, None, self.scipy, self.clock)
        near = None if gap is None else timed(lambda: solve_exactly(problem, gap=gap), self.time)[1]
        made = replace(kept, near=near)
        self._keep(made)
        return made

    def _keep(self, made: Peer) -> None:
        if self.path is None:
            return
        line = f"{json.dumps(asdict(made))}\n".encode()
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(file, line)
        finally:
            os.close(file)


def timed(call: Callable[[], RouteSolution], clock: Clock) -> tuple[RouteSolution, float]:
    """Return a solution and the milliseconds that it took."""
    start = clock()
    solution = call()
    return solution, 1000 * (clock() - start)
