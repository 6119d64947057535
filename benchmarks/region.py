"""Complete recommendations for a whole region, the database left out: speed, proofs, memory, and cost per person.

Run as `python -m benchmarks.region`; sizes are arguments. Every person's answer (profile, deficits, steps with their
reasons, contributions and alternatives, certificate, what stays open) is made to the JSON text that would be stored, in
the process that computed it. The requests are drawn beforehand, since in the service they come from the database.
"""

import argparse
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import islice
from pathlib import Path

import numpy as np
import orjson

from benchmarks.region_world import region
from recommender.batch import make_many
from recommender.explanation.answer import answer
from recommender.explanation.values import Recommendation
from recommender.knowledge import Knowledge
from recommender.route import Request

MEGABYTE = 1_000_000
GAPS = (0.01, 0.03)
WARM = 128


@dataclass(frozen=True, slots=True)
class Made:
    """What came of one person: the length of the answer, the certificate, and the process that made it."""

    text: bytes
    value: float
    gap: float
    steps: int
    process: int


def finish(recommendation: Recommendation, knowledge: Knowledge) -> Made:
    """Return the answer as it would be stored."""
    certificate = recommendation.route.certificate
    return Made(
        text=orjson.dumps(answer(recommendation, knowledge)),
        value=certificate.value,
        gap=certificate.gap,
        steps=len(recommendation.route.steps),
        process=os.getpid(),
    )


def peak_of(process: int) -> float:
    """Return the most memory that a process has had, in bytes; `ru_maxrss` of a child begins with its parent's."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return 1024.0 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def run(requests: Sequence[tuple[int, Request]], knowledge: Knowledge, jobs: int) -> float:
    """Run all requests, print what came of them, and return the milliseconds of one person."""
    gaps, processes, steps, size = [], set[int](), 0, 0
    begun = time.perf_counter()
    for _, made in make_many(requests, knowledge, finish, jobs=jobs):
        gaps.append(made.gap)
        processes.add(made.process)
        steps += made.steps
        size += len(made.text)
    seconds = time.perf_counter() - begun
    count = len(requests)
    found = np.array(gaps)
    within = ", ".join(f"≤ {gap:.0%}: {(found <= gap + 1e-9).mean():.3%}" for gap in GAPS)
    print(f"{count:7,} people {seconds:8.1f} s {count / seconds:8,.0f} routes/s  {1000 * seconds / count:.3f} ms each")
    print(f"        proven gap {within}, mean {found.mean():.3%}, greatest {found.max():.3%}")
    print(f"        {steps / count:.2f} steps and {size / count / 1000:.1f} kB of JSON a person")
    print(f"        peak of the workers {', '.join(f'{peak_of(one) / MEGABYTE:.0f} MB' for one in sorted(processes))}")
    return 1000 * seconds / count


def main() -> None:
    """Draw the region, run a tenth of it and the whole, and compare the cost of one person."""
    options = argparse.ArgumentParser(description=__doc__)
    for name, default in (("people", 60_000), ("activities", 10_000), ("competencies", 200), ("jobs", 2), ("seed", 0)):
        options.add_argument(f"--{name}", type=int, default=default)
    options.add_argument("--small", type=int, help="people of the smaller run (a tenth)")
    given = options.parse_args()
    small = given.small or given.people // 10
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "joblib"))
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {libraries}; load {os.getloadavg()[0]:.1f}")
    begun = time.perf_counter()
    knowledge, drawn = region(given.people, given.activities, given.competencies, seed=given.seed)
    requests = list(drawn)
    results = sum(len(request.results) for _, request in requests)
    print(f"drawn in {time.perf_counter() - begun:.0f} s: {len(requests):,} people with {results:,} results,")
    print(f"{len(knowledge.catalogue.activities):,} activities, {len(knowledge.framework.competencies)} competencies")
    # Compiled code and the knowledge reach the processes with the first chunks, which is no cost of a person.
    begun = time.perf_counter()
    list(make_many(islice(requests, WARM * given.jobs), knowledge, finish, jobs=given.jobs))
    print(f"ready in {time.perf_counter() - begun:.1f} s")
    few = run(requests[:small], knowledge, given.jobs)
    many = run(requests, knowledge, given.jobs)
    print(f"cost of a person at {given.people:,} over that at {small:,}: {many / few:.2f}")
    print(f"peak of this process {peak_of(os.getpid()) / MEGABYTE:.0f} MB")


if __name__ == "__main__":
    main()
