"""How long POST /api/v1/recommend takes with a large catalogue: in the process, and over a real server on loopback.

python -m benchmarks.recommend_api [--activities 10000] [--people 200] [--results 0]
"""

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import date
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import numpy as np
from flask import Flask
from waitress.server import create_server

from api.app import create_app
from api.catalogue.operations import sync_reference
from api.settings import Settings
from data.demo.region import DemoRegion, demo_region
from data.reference.loading import load_framework, load_territory
from data.tables.rows import ResultRow
from models import migrations
from models.activities import insert_activities
from models.session import make_engine, make_sessions, transaction
from models.territories import catalogue_changed

TERRITORY = "kamchatka"
ON = date(2026, 11, 22)
ADDRESS = "/api/v1/recommend"


def installed(folder: Path, region: DemoRegion) -> Flask:
    """Return the service over a fresh SQLite database that holds the region's catalogue."""
    url = f"sqlite:///{folder / 'benchmark.sqlite3'}"
    engine = make_engine(url)
    migrations.upgrade(engine)
    with transaction(make_sessions(engine)) as session:
        sync_reference(session)
        insert_activities(session, TERRITORY, [(activity, activity.code) for activity in region.activities])
        catalogue_changed(session, TERRITORY)
    return create_app(Settings(folder, url, "benchmark", recommend_rate="1000000 per minute"))


def questions(region: DemoRegion) -> Iterator[bytes]:
    """Return the question of each person of the region as a body."""
    results: dict[int, list[ResultRow]] = {}
    for row in region.results:
        results.setdefault(row.person, []).append(row)
    for number, person in enumerate(region.people):
        asked = {
            "kind": person.kind or "teacher",
            "subjects": person.subjects or (),
            "municipality": person.municipality,
        }
        body = {
            "territory": region.territory,
            "person": asked,
            "results": [_result(row) for row in results.get(number, [])],
            "on": ON.isoformat(),
        }
        yield json.dumps(body, ensure_ascii=False).encode()


def _result(row: ResultRow) -> dict[str, Any]:
    told = asdict(row)
    kept = {name: told[name] for name in ("competency", "percent", "form", "stage", "source")}
    return {**kept, "date": row.taken_on.isoformat()}


def measured(ask: Callable[[bytes], tuple[int, bytes]], bodies: Sequence[bytes]) -> dict[str, float]:
    """Return milliseconds by the clock and of the processor, and kilobytes, over the bodies; three more warm up.

    The processor's time is that of the whole process, server and client; it tells more where other work goes on.
    """
    for body in bodies[:3]:
        ask(body)
    clock, processor, sizes = [], [], []
    for body in bodies:
        started, spent = time.perf_counter(), time.process_time()
        status, answer = ask(body)
        clock.append(1000 * (time.perf_counter() - started))
        processor.append(1000 * (time.process_time() - spent))
        sizes.append(len(answer) / 1024)
        assert status == 200, answer.decode()
    figures = {"p50": 50, "p95": 95, "p99": 99}
    return {
        **{f"clock {name}": float(np.percentile(clock, part)) for name, part in figures.items()},
        **{f"processor {name}": float(np.percentile(processor, part)) for name, part in figures.items()},
        "kilobytes": float(np.median(sizes)),
    }


def in_process(app: Flask) -> Callable[[bytes], tuple[int, bytes]]:
    """Return a way to ask through the test client."""
    client = app.test_client()

    def ask(body: bytes) -> tuple[int, bytes]:
        answer = client.post(ADDRESS, data=body, content_type="application/json")
        return answer.status_code, answer.data

    return ask


def over_loopback(app: Flask) -> Callable[[bytes], tuple[int, bytes]]:
    """Return a way to ask a server of one thread over a kept connection."""
    server = create_server(app, host="127.0.0.1", port=0, threads=1)
    threading.Thread(target=server.run, daemon=True).start()
    connection = HTTPConnection("127.0.0.1", int(server.effective_port))

    def ask(body: bytes) -> tuple[int, bytes]:
        connection.request("POST", ADDRESS, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()

    return ask


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--activities", type=int, default=10_000)
    parser.add_argument("--people", type=int, default=200)
    chosen = parser.parse_args()
    rules = load_territory(TERRITORY)
    framework = load_framework(rules.framework)
    region = demo_region(rules, framework, on=ON, people=chosen.people, activities=chosen.activities)
    bodies = list(questions(region))
    with tempfile.TemporaryDirectory() as folder:
        app = installed(Path(folder), region)
        print(
            f"{len(region.activities)} activities, {len(bodies)} people, "
            f"{len(region.results) / len(bodies):.0f} results each"
        )
        for name, way in (("test client", in_process), ("server on loopback", over_loopback)):
            figures = measured(way(app), bodies)
            print(f"{name}: " + ", ".join(f"{key} {value:.1f}" for key, value in figures.items()))


if __name__ == "__main__":
    main()
