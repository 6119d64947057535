"""Mentors side by side with a bare min-cost flow, HiGHS, assignment with copied places, greedy and deferred acceptance.

python benchmarks/mentors.py                      # everything but the hospital–resident data
python benchmarks/mentors.py --data FOLDER        # with matching_residents.csv and matching_programs.csv
python benchmarks/mentors.py --only solve --rounds 5
"""

import argparse
import csv
import importlib.metadata
import multiprocessing
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from scipy.optimize import linear_sum_assignment, linprog
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import maximum_flow

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from recommender.mentoring.explanations import exchanges_of, next_mentors, shortages, uncovered
from recommender.mentoring.pairing import assign, build_fit
from recommender.mentoring.values import Mentee, Mentor, Need, PairRules, Strength
from recommender.mentors import assignment_faults, solve

MILLION = 10**6
ResultT = TypeVar("ResultT")
SIZES = {"2 000 × 800 dense": (2000, 800, 800), "20 000 × 8 000, 50 feasible": (20000, 8000, 50)}


def instance(mentees: int, mentors: int, feasible: int, shared: float = 0.3) -> tuple[csr_array, np.ndarray]:
    """Return a seeded fit of whole millionths, partly shared by all mentees of a mentor, and 0–4 places each."""
    random = np.random.default_rng((mentees, mentors, feasible))
    rows = np.repeat(np.arange(mentees), feasible)
    columns = np.concatenate([np.sort(random.choice(mentors, feasible, replace=False)) for _ in range(mentees)])
    values = shared * random.random(mentors)[columns] + (1 - shared) * random.random(len(rows))
    fit = csr_array((np.rint(values * 10 * MILLION + 1) / MILLION, (rows, columns)), shape=(mentees, mentors))
    return fit, random.integers(0, 5, mentors)


def arcs_of(fit: csr_array) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows = np.repeat(np.arange(fit.shape[0]), np.diff(fit.indptr))
    return rows, fit.indices.astype(np.int64), np.rint(fit.data * MILLION).astype(np.int64)


def ours(fit: csr_array, places: np.ndarray) -> np.ndarray:
    return solve(fit, places).mentor_of


def bare_flow(fit: csr_array, places: np.ndarray) -> np.ndarray:
    """The least that OR-tools needs for the same arcs: no checks, no proof, no total."""
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    mentees, mentors = fit.shape
    rows, columns, units = arcs_of(fit)
    # Its stubs want other whole numbers than it takes.
    flow: Any = SimpleMinCostFlow()
    sink = mentees + mentors
    flow.add_arcs_with_capacity_and_unit_cost(rows, mentees + columns, np.ones_like(rows), -units)
    ends = mentees + np.arange(mentors)
    flow.add_arcs_with_capacity_and_unit_cost(ends, np.full(mentors, sink), places, np.zeros(mentors, np.int64))
    flow.set_nodes_supplies(np.arange(mentees), np.ones(mentees, np.int64))
    flow.set_node_supply(sink, -mentees)
    flow.solve_max_flow_with_min_cost()
    chosen = flow.flows(np.arange(len(rows))) > 0
    mentor_of = np.full(mentees, -1)
    mentor_of[rows[chosen]] = columns[chosen]
    return mentor_of


def widest(fit: csr_array, places: np.ndarray) -> int:
    """The widest coverage by SciPy's maximum flow."""
    mentees, mentors = fit.shape
    rows, columns, _ = arcs_of(fit)
    source, sink = mentees + mentors, mentees + mentors + 1
    tails = np.concatenate([rows, np.full(mentees, source), mentees + np.arange(mentors)])
    heads = np.concatenate([mentees + columns, np.arange(mentees), np.full(mentors, sink)])
    room = np.concatenate([np.ones(len(rows) + mentees, np.int64), places]).astype(np.int32)
    return int(maximum_flow(csr_array((room, (tails, heads)), shape=(sink + 1, sink + 1)), source, sink).flow_value)


def highs(fit: csr_array, places: np.ndarray) -> np.ndarray:
    """HiGHS through SciPy, each pair with a bonus of ten times the largest fit.

    The bonus need not be enough to force the widest coverage; but where the answer has it (by SciPy's maximum flow),
    the bonus is the same for all assignments of that coverage, and so this one has the largest sum among them.
    """
    rows, columns, units = arcs_of(fit)
    count = np.arange(len(rows))
    # Its stubs know no sparse rows.
    tops: Any = coo_array((np.ones(2 * len(rows)), (np.concatenate([rows, fit.shape[0] + columns]), np.tile(count, 2))))
    limits = np.concatenate([np.ones(fit.shape[0]), places])[: tops.shape[0]]
    answer = linprog(
        -(units + 10 * units.max()) / MILLION, A_ub=tops.tocsr(), b_ub=limits, bounds=(0, 1), method="highs"
    )
    assert answer.x is not None, answer.message
    chosen = answer.x > 0.5
    assert chosen.sum() == widest(fit, places)
    mentor_of = np.full(fit.shape[0], -1)
    mentor_of[rows[chosen]] = columns[chosen]
    return mentor_of


def copied_places(fit: csr_array, places: np.ndarray) -> np.ndarray:
    """Dense assignment, a column for each place; the dense fit has no bars, so that the widest coverage comes along."""
    copies = np.repeat(np.arange(len(places)), places)
    rows, columns = linear_sum_assignment(fit.toarray()[:, copies], maximize=True)
    mentor_of = np.full(fit.shape[0], -1)
    mentor_of[rows] = copies[columns]
    return mentor_of


def greedy(fit: csr_array, places: np.ndarray) -> np.ndarray:
    """The best pair that is left, again and again (a stable matching, as both sides agree on the fit)."""
    rows, columns, units = arcs_of(fit)
    mentor_of, left = np.full(fit.shape[0], -1), places.copy()
    for at in np.argsort(-units, kind="stable"):
        if mentor_of[rows[at]] < 0 and left[columns[at]] > 0:
            mentor_of[rows[at]] = columns[at]
            left[columns[at]] -= 1
    return mentor_of


SOLVERS = {"ours": ours, "bare flow": bare_flow, "HiGHS LP": highs, "copied places": copied_places, "greedy": greedy}


def measure_solver(name: str, size: str, rounds: int) -> dict[str, float]:
    """Run one solver in its own process; peak memory is that of the process with the instance in it."""
    fit, places = instance(*SIZES[size])
    before = peak_megabytes()
    times = []
    for _ in range(rounds):
        start = time.perf_counter(), time.process_time()
        mentor_of = SOLVERS[name](fit, places)
        times.append((time.perf_counter() - start[0], time.process_time() - start[1]))
    rows, columns, units = arcs_of(fit)
    chosen = units[mentor_of[rows] == columns]
    return {
        "seconds": statistics.median(wall for wall, _ in times),
        "cpu": statistics.median(cpu for _, cpu in times),
        "megabytes": peak_megabytes(),
        "instance": before,
        "covered": int(np.sum(mentor_of >= 0)),
        "total": int(chosen.sum()),
        "worst": int(chosen.min()),
    }


def measure_ratio(size: str, rounds: int, least: int) -> list[float]:
    """Return `solve` over bare flow in processor time, taken in turn, so that other work counts little.

    `least` places for everybody: `solve` leaves out the arcs of mentors without any, which the bare flow keeps.
    """
    fit, places = instance(*SIZES[size])
    places = np.maximum(places, least)
    ratios = []
    for _ in range(rounds):
        marks = [time.process_time()]
        for solver in (bare_flow, ours):
            solver(fit, places)
            marks.append(time.process_time())
        ratios.append((marks[2] - marks[1]) / (marks[1] - marks[0]))
    return sorted(ratios)


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def apart(function: Callable[..., ResultT], *arguments: object) -> ResultT:
    """Return what a function gives in a fresh process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, arguments)


def show_solvers(rounds: int) -> None:
    for size in SIZES:
        print(f"\n{size}: solver | s | processor s | peak MB (with the instance) | covered | total | worst pair")
        best = None
        for name in SOLVERS:
            if name == "copied places" and "dense" not in size:
                continue
            slow = name in ("HiGHS LP", "copied places")
            shown = apart(measure_solver, name, size, 1 if slow else rounds)
            best = best or shown
            same = "=" if (shown["covered"], shown["total"]) == (best["covered"], best["total"]) else "≠"
            print(
                f"  {name:14} {shown['seconds']:7.2f} {shown['cpu']:7.2f}"
                f" {shown['megabytes']:6.0f} ({shown['instance']:.0f})"
                f" {shown['covered']:6d} {shown['total'] / MILLION:15.6f} {same} {shown['worst'] / MILLION:.6f}"
            )
        for least in (0, 1):
            ratios = apart(measure_ratio, size, rounds, least)
            spread = f"{ratios[0]:.2f}–{ratios[-1]:.2f}"
            print(f"  solve / bare flow, {least}–4 places: median {statistics.median(ratios):.2f}, {spread}")


def region(
    mentees: int, mentors: int, towns: int = 40
) -> tuple[list[Mentee], list[Mentor], dict[str, tuple[str, ...]], PairRules]:
    """Return seeded people of a region: young teachers with five needs, mentors with twenty measured competencies."""
    random = np.random.default_rng((mentees, mentors))
    names = [f"town {town:02}" for town in range(towns)]
    weight = random.dirichlet(np.full(towns, 2.0))
    near: dict[str, tuple[str, ...]] = {
        names[town]: (names[(town + 1) % towns], names[(town + 2) % towns]) for town in range(towns)
    }

    def someone() -> dict[str, Any]:
        formats = {"in_person", "distance"} if random.random() < 0.6 else {"in_person"}
        subjects = random.choice(15, random.integers(1, 3), replace=False)
        return {
            "subjects": frozenset(f"subject {subject}" for subject in subjects),
            "municipality": names[random.choice(towns, p=weight)],
            "formats": frozenset(formats),
        }

    def codes(count: int) -> list[str]:
        return [f"c{code}" for code in random.choice(60, count, replace=False)]

    asking = [
        Mentee(
            f"e{number:06}",
            needs=tuple(Need(code, 0.05 + float(random.random())) for code in codes(5)),
            experience=float(random.integers(0, 4)),
            groups=frozenset({"teacher", "young"}),
            waiting_days=int(random.integers(0, 300)),
            **someone(),
        )
        for number in range(mentees)
    ]
    giving = [
        Mentor(
            f"m{number:06}",
            strengths=tuple(
                Strength(code, 0.5 + float(random.random()) / 2, float(random.random()) / 5) for code in codes(20)
            ),
            experience=float(random.integers(3, 40)),
            groups=frozenset({"teacher", "experienced"}),
            consent=bool(random.random() < 0.95),
            contest=bool(random.random() < 0.2),
            places=None if random.random() < 0.7 else int(random.integers(0, 6)),
            **someone(),
        )
        for number in range(mentors)
    ]
    rules = PairRules("young", frozenset({"young"}), frozenset({"experienced"}), experience_years=3.0, places=2)
    return asking, giving, near, rules


def measure_region(mentees: int, mentors: int) -> dict[str, object]:
    asking, giving, near, rules = region(mentees, mentors)
    start, before, cpu = time.perf_counter(), peak_megabytes(), time.process_time()
    _, fit, _ = build_fit(asking, giving, rules, near)
    built, peak, built_cpu = time.perf_counter(), peak_megabytes(), time.process_time() - cpu
    pairing = assign(asking, giving, rules, near)
    paired, paired_cpu = time.perf_counter(), time.process_time() - cpu - built_cpu
    exchanges = exchanges_of(pairing)
    alone = uncovered(pairing, exchanges)
    explained = time.perf_counter()
    asked = [pair.mentee for pair in pairing.pairs[:: max(1, len(pairing.pairs) // 200)]]
    for mentee in asked:
        next_mentors(pairing, exchanges, mentee)
    return {
        "people before, MB": before,
        "build_fit, s": built - start,
        "build_fit, processor s": built_cpu,
        "build_fit, peak MB": peak,
        "pairs kept": fit.nnz,
        "assign (with build_fit), s": paired - built,
        "assign, processor s": paired_cpu,
        "rounds": pairing.rounds,
        "certificate": pairing.assignment.certificate,
        "uncovered explained": len(alone),
        "uncovered, s": explained - paired,
        "next best of one mentee, ms": (time.perf_counter() - explained) / max(len(asked), 1) * 1000,
        "shortages": len(shortages(pairing)),
        "peak MB": peak_megabytes(),
    }


def read_wishes(folder: Path) -> tuple[dict[str, list[str]], dict[str, list[str]], dict[str, int]]:
    """Return the ranked wishes of residents and of programmes, and the places of programmes."""
    csv.field_size_limit(10**7)
    with (folder / "matching_residents.csv").open(encoding="utf-8") as file:
        residents = {row["resident"]: row["wishes"].split() for row in csv.DictReader(file)}
    with (folder / "matching_programs.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return (
        residents,
        {row["programme"]: row["wishes"].split() for row in rows},
        {row["programme"]: int(row["places"]) for row in rows},
    )


def deferred_acceptance(
    residents: dict[str, list[str]], programmes: dict[str, dict[str, int]], places: dict[str, int]
) -> dict[str, str]:
    """The resident-optimal stable matching of Gale and Shapley; only pairs that rank each other are acceptable."""
    held: dict[str, list[tuple[int, str]]] = {programme: [] for programme in programmes}
    following = dict.fromkeys(residents, 0)
    waiting = list(residents)
    while waiting:
        resident = waiting.pop()
        while following[resident] < len(residents[resident]):
            programme = residents[resident][following[resident]]
            following[resident] += 1
            rank = programmes.get(programme, {}).get(resident)
            if rank is None or places[programme] == 0:
                continue
            held[programme].append((rank, resident))
            held[programme].sort()
            if len(held[programme]) <= places[programme]:
                break
            dropped = held[programme].pop()[1]
            if dropped != resident:
                waiting.append(dropped)
                break
    return {resident: programme for programme, rows in held.items() for _, resident in rows}


def wishes_fit(residents: dict[str, list[str]], programmes: dict[str, dict[str, int]], both: bool) -> csr_array:
    """Return the fit of acceptable pairs: whole ranks of the resident, and below one rank the programme's own order.

    With `both`, the place of the resident in the programme's list weighs as much as one in the resident's.
    """
    longest = max(map(len, residents.values()))
    columns = {programme: column for column, programme in enumerate(programmes)}
    cells = [
        (row, columns[programme], longest + 1 - rank, programmes[programme][resident] / len(programmes[programme]))
        for row, (resident, wishes) in enumerate(residents.items())
        for rank, programme in enumerate(wishes)
        if resident in programmes.get(programme, {})
    ]
    values = [whole + (longest if both else 0.5) * (1 - share) for *_, whole, share in cells]
    fit = np.rint(np.array(values) * MILLION) / MILLION
    return csr_array((fit, ([c[0] for c in cells], [c[1] for c in cells])), shape=(len(residents), len(columns)))


def show_residents(folder: Path) -> None:
    residents, lists, places = read_wishes(folder)
    programmes = {name: {resident: rank for rank, resident in enumerate(wishes)} for name, wishes in lists.items()}
    room = np.array([places[name] for name in programmes])
    start = time.perf_counter()
    stable = deferred_acceptance(residents, programmes, places)
    found = {"deferred acceptance": (stable, time.perf_counter() - start)}
    for name, both in (("ours, residents' ranks", False), ("ours, both sides", True)):
        fit = wishes_fit(residents, programmes, both)
        start = time.perf_counter()
        solved = solve(fit, room)
        seconds = time.perf_counter() - start
        assert not assignment_faults(fit, room, solved) and solved.certificate.gap == 0
        names, targets = list(residents), list(programmes)
        pairs = {names[row]: targets[column] for row, column in enumerate(solved.mentor_of) if column >= 0}
        found[name] = (pairs, seconds)
    print(f"\nhospital–resident: {len(residents)} residents, {len(programmes)} programmes, {room.sum()} places;")
    print(f"  at most {widest(wishes_fit(residents, programmes, False), room)} can be filled (SciPy maximum flow)")
    print("  method | filled | mean rank of residents (1 = first wish) | mean rank of programmes | first wishes | s")
    for name, (pairs, seconds) in found.items():
        ranks = [residents[resident].index(programme) + 1 for resident, programme in pairs.items()]
        others = [programmes[programme][resident] + 1 for resident, programme in pairs.items()]
        print(
            f"  {name:24} {len(pairs):5d} {statistics.mean(ranks):8.4f} {statistics.mean(others):10.2f}"
            f" {ranks.count(1):6d} {seconds:6.2f}"
        )


def show_machine() -> None:
    versions = {name: importlib.metadata.version(name) for name in ("numpy", "scipy", "ortools")}
    cores = len(os.sched_getaffinity(0))
    load, python = os.getloadavg()[0], platform.python_version()
    print(f"{platform.machine()}, {cores} cores, load {load:.1f}, Python {python}, {versions}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with matching_residents.csv and matching_programs.csv")
    parser.add_argument("--only", choices=["solve", "region", "residents"], help="one part alone")
    parser.add_argument("--rounds", type=int, default=5, help="repetitions of the quick solvers")
    chosen = parser.parse_args()
    show_machine()
    if chosen.only in (None, "solve"):
        show_solvers(chosen.rounds)
    if chosen.only in (None, "region"):
        print("\nregion of 20 000 × 8 000 from profiles")
        for name, value in apart(measure_region, 20000, 8000).items():
            print(f"  {name}: {value:.2f}" if isinstance(value, float) else f"  {name}: {value}")
    if chosen.data and chosen.only in (None, "residents"):
        show_residents(chosen.data)


if __name__ == "__main__":
    main()
