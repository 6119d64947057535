"""Routes side by side with HiGHS (exact, and at the same gap) and with plain greedy, on seeded instances.

python -m benchmarks.routes                                 # 20 instances of every size, all of them also by HiGHS
python -m benchmarks.routes --instances 500 --peers 500 --kept FILE     # the full run: hours of HiGHS, kept in FILE
python -m benchmarks.routes --only 300,20,full --instances 100 --write docs/benchmarks.md

Every solution is checked for faults and against HiGHS: value ≤ optimum ≤ bound. Times are of one core; `--clock cpu`
counts processor time instead of the wall clock, for machines that are busy with other things.
"""

import argparse
import importlib.metadata
import os
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from benchmarks.routes_peers import Clock, Peer, Peers, Size, timed
from recommender.composition import RouteProblem, RouteSolution, problem_faults, solve_route

KINDS, PRACTICE = 4, 3
COUNTS, DEFICITS, RULES = (100, 300, 1000), (5, 20), ("basic", "full", "scheduled")
GAP = 0.01
CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}
MARK = "<!-- routes -->"


def instance(count: int, deficits: int, rules: str, seed: int) -> RouteProblem:
    """Return a seeded problem: `rules` is basic (hours only), full, or scheduled (full in four terms)."""
    random = np.random.default_rng((seed, count, deficits, RULES.index(rules)))
    lengths = [8.0, 16.0, 18.0, 24.0, 36.0, 54.0, 72.0, 108.0]
    hours = random.choice(lengths, count, p=[0.1, 0.2, 0.1, 0.15, 0.2, 0.05, 0.15, 0.05])
    kinds = random.choice(KINDS, count, p=[0.4, 0.3, 0.2, 0.1]).astype(np.int8)
    gains = _gains(random, hours, deficits)
    weights = random.uniform(0.2, 2.0, deficits) * random.uniform(0.1, 0.5, deficits)
    total = float(random.choice([72.0, 108.0, 144.0]))
    terms = 4 if rules == "scheduled" else 1
    starts = np.ones((count, terms), dtype=bool)
    if terms > 1:
        starts = random.random((count, terms)) < 0.5
        starts[np.arange(count), random.integers(0, terms, count)] = True
    plain = rules == "basic"
    return RouteProblem(
        weights=weights,
        gains=gains,
        hours=hours,
        total_hours=total,
        term_hours=np.full(terms, total if terms == 1 else total * 0.4),
        starts=starts,
        max_steps=count if plain else 6,
        exclusive=() if plain else _groups(random, count),
        requires=() if plain else _requirements(random, count),
        kinds=kinds,
        kind_minimum={} if plain else {PRACTICE: 1},
        fixed=frozenset(),
        forbidden=frozenset(),
    )


def _gains(random: np.random.Generator, hours: NDArray[np.float64], deficits: int) -> csr_array:
    """One to five deficits of each activity; longer activities close more, with less and less for each hour."""
    count = len(hours)
    touched = np.minimum(random.integers(1, 6, count), deficits)
    columns = np.concatenate([random.choice(deficits, size, replace=False) for size in touched])
    rows = np.repeat(np.arange(count), touched)
    strength = np.clip(0.15 + 0.75 * (hours / 108.0) ** 0.6, 0.0, 1.0) * random.uniform(0.6, 1.1, count)
    values = strength[rows] * random.uniform(0.3, 1.0, len(rows))
    return csr_array((values, (rows, columns)), shape=(count, deficits))


def _groups(random: np.random.Generator, count: int) -> tuple[tuple[int, ...], ...]:
    order = random.permutation(count)
    return tuple(tuple(sorted(map(int, order[3 * group : 3 * group + 3]))) for group in range(count // 10))


def _requirements(random: np.random.Generator, count: int) -> tuple[tuple[int, int], ...]:
    pairs = [random.choice(count, 2, replace=False) for _ in range(count // 20)]
    return tuple(sorted({(int(max(pair)), int(min(pair))) for pair in pairs}))


def greedy(problem: RouteProblem) -> float:
    """Return the value of the plain way: always the most closed per hour among what may still be added."""
    gains, left = problem.gains.toarray(), np.concatenate([[problem.total_hours], problem.term_hours])
    room, term_of = np.ones(len(problem.weights)), dict[int, int]()
    while len(term_of) < problem.max_steps:
        short = {kind for kind, least in problem.kind_minimum.items() if _count(problem, term_of, kind) < least}
        only = short if problem.max_steps - len(term_of) <= len(short) else set()
        worth = (np.minimum(gains, room) @ problem.weights - problem.hour_cost * problem.hours) / problem.hours
        for index in np.argsort(-worth, kind="stable"):
            term = _free_term(problem, term_of, left, int(index))
            if term is not None and (worth[index] > 0 or only) and (not only or int(problem.kinds[index]) in only):
                break
        else:
            break
        term_of[int(index)] = term
        left[[0, 1 + term]] -= problem.hours[index]
        room = np.maximum(0.0, room - gains[index])
    hours = sum(float(problem.hours[index]) for index in term_of)
    return float(problem.weights @ (1.0 - room)) - problem.hour_cost * hours


def _count(problem: RouteProblem, term_of: dict[int, int], kind: int) -> int:
    return sum(int(problem.kinds[index]) == kind for index in term_of)


def _free_term(problem: RouteProblem, term_of: dict[int, int], left: NDArray[np.float64], index: int) -> int | None:
    if index in term_of or problem.hours[index] > left[0]:
        return None
    if any(index in group and any(other in term_of for other in group) for group in problem.exclusive):
        return None
    needed = [other for first, other in problem.requires if first == index]
    if any(other not in term_of for other in needed):
        return None
    after = max((term_of[other] + 1 for other in needed), default=0) if len(problem.term_hours) > 1 else 0
    fitting = (
        term
        for term in range(after, len(problem.term_hours))
        if problem.starts[index, term] and problem.hours[index] <= left[1 + term]
    )
    return next(fitting, None)


@dataclass
class Row:
    """What was measured on the instances of one size, times in milliseconds."""

    name: str
    own: list[float] = field(default_factory=list)
    own_exact: list[float] = field(default_factory=list)
    highs: list[float] = field(default_factory=list)
    highs_gap: list[float] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    nodes: list[int] = field(default_factory=list)
    off: list[float] = field(default_factory=list)
    greedy_off: list[float] = field(default_factory=list)
    fell_back: int = 0
    wrong: list[str] = field(default_factory=list)

    def cells(self) -> list[str]:
        """Return the cells of the table."""
        with_peers = bool(self.highs)
        ratio = np.median(self.highs) / np.median(self.own) if with_peers else float("nan")
        return [
            self.name,
            f"{np.median(self.own):.2f} / {np.percentile(self.own, 95):.2f}",
            f"{np.median(self.own_exact):.1f} / {np.percentile(self.own_exact, 95):.1f}" if self.own_exact else "–",
            f"{np.median(self.highs):.0f} / {np.percentile(self.highs, 95):.0f}" if with_peers else "–",
            f"{np.median(self.highs_gap):.0f} / {np.percentile(self.highs_gap, 95):.0f}" if self.highs_gap else "–",
            f"**{ratio:.0f}**" if with_peers else "–",
            f"{100 * max(self.gaps):.2f}",
            f"{100 * np.mean(self.off):.3f} / {100 * max(self.off):.2f}" if with_peers else "–",
            f"{100 * np.mean(self.greedy_off):.1f}" if with_peers else "–",
            f"{np.median(self.nodes):.0f} / {max(self.nodes)}",
            f"{100 * self.fell_back / len(self.own):.1f}",
            str(len(self.wrong)),
        ]


HEAD = [
    "n, d, rules",
    "ours to 1 %, ms (median / p95)",
    "ours exact",
    "HiGHS exact",
    "HiGHS to 1 %",
    "ratio of medians, ours to 1 % : HiGHS exact",
    "largest proven gap, %",
    "below the optimum, % (mean / worst)",
    "greedy below the optimum, %",
    "nodes (median / most)",
    "fell back to HiGHS, %",
    "wrong",
]


def measure(size: Size, options: argparse.Namespace, peers: Peers, clock: Clock) -> Row:
    """Return the row of one size: all instances solved by us, the first `peers` of them by the others too.

    HiGHS solves the first `near` of these once more, to our gap.
    """
    row = Row(f"{size[0]}, {size[1]}, {size[2]}")
    for seed in range(options.instances):
        problem = instance(*size, seed)
        solution, spent = timed(partial(solve_route, problem, gap=GAP), clock)
        row.own.append(spent)
        row.gaps.append(solution.gap)
        row.nodes.append(solution.nodes)
        row.fell_back += solution.method == "highs"
        row.wrong += [f"{row.name} seed {seed}: {fault}" for fault in problem_faults(problem, solution)]
        if solution.gap > GAP + 1e-9:
            row.wrong.append(f"{row.name} seed {seed}: gap {solution.gap}")
        if seed < options.peers:
            peer = peers.answer(size, seed, problem, GAP if seed < options.near else None)
            compare(row, problem, solution, peer, clock)
    return row


def compare(row: Row, problem: RouteProblem, solution: RouteSolution, peer: Peer, clock: Clock) -> None:
    """Add what HiGHS and greedy give, and what contradicts the promise value ≤ optimum ≤ bound."""
    row.highs.append(peer.exact)
    if peer.near is not None:
        row.highs_gap.append(peer.near)
    exact, spent = timed(lambda: solve_route(problem, gap=0.0), clock)
    row.own_exact.append(spent)
    row.off.append(1 - solution.value / peer.value)
    row.greedy_off.append(1 - greedy(problem) / peer.value)
    tolerance = 2e-6 * max(1.0, abs(peer.value))
    promises = {
        "value above the optimum": solution.value <= peer.value + tolerance,
        "bound below the optimum": solution.bound >= peer.value - 1e-9,
        "exact route differs from HiGHS": abs(exact.value - peer.value) <= tolerance,
    }
    row.wrong += [f"{row.name} seed {peer.seed}: {name}" for name, kept in promises.items() if not kept]


def table(rows: list[Row]) -> Iterator[str]:
    yield "| " + " | ".join(HEAD) + " |"
    yield "|---" * len(HEAD) + "|"
    yield from ("| " + " | ".join(row.cells()) + " |" for row in rows)


def setting(options: argparse.Namespace) -> str:
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("numpy", "scipy", "numba"))
    return (
        f"{options.instances} seeded instances of each size, {min(options.peers, options.instances)} of them also by "
        f"the peers; {options.clock} clock, one core of {os.cpu_count()}; {platform.machine()}, Python "
        f"{platform.python_version()}, {versions} (HiGHS is SciPy's)."
    )


def write(path: Path, section: str) -> None:
    """Put the section between its marks in a file, in place of an older one."""
    text = path.read_text(encoding="utf-8") if path.exists() else "# Benchmarks\n"
    before, _, rest = text.partition(MARK)
    after = rest.partition(MARK)[2] if rest else ""
    path.write_text(f"{before.rstrip()}\n\n{MARK}\n{section}\n{MARK}\n{after}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", type=int, default=20)
    parser.add_argument("--peers", type=int, default=20, help="how many instances of a size HiGHS solves too")
    parser.add_argument("--near", type=int, default=20, help="how many of these HiGHS solves to our gap, too")
    parser.add_argument("--kept", type=Path, help="a file of what HiGHS found, read and added to")
    parser.add_argument("--only", action="append", help="a size such as 300,20,full; may be given several times")
    parser.add_argument("--clock", choices=sorted(CLOCKS), default="wall")
    parser.add_argument("--write", type=Path, help="a markdown file whose section «Routes» is replaced")
    options = parser.parse_args()
    sizes = [(count, deficits, rules) for count in COUNTS for deficits in DEFICITS for rules in RULES]
    if options.only:
        named = [tuple(name.split(",")) for name in options.only]
        sizes = [(int(count), int(deficits), rules) for count, deficits, rules in named]
    solve_route(instance(100, 5, "scheduled", 0))
    clock, rows = CLOCKS[options.clock], []
    peers = Peers(options.kept, options.clock, clock)
    for size in sizes:
        rows.append(measure(size, options, peers, clock))
        print("  ".join(rows[-1].cells()), *rows[-1].wrong, sep="\n", file=sys.stderr, flush=True)
    lines = "\n".join(table(rows))
    print(setting(options), lines, sep="\n\n")
    if options.write:
        write(options.write, f"## Routes\n\n`python -m benchmarks.routes`: {setting(options)}\n\n{lines}")


if __name__ == "__main__":
    main()
