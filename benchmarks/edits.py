"""How long an edit by hand takes with a large catalogue: the preview of each kind, keeping it, taking it back.

python -m benchmarks.edits [--activities 10000] [--people 100]
"""

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from api.access import Access
from api.catalogue.operations import sync_reference
from api.cli.demo import store_region
from api.errors import Conflict
from api.identity import command_line
from api.policy import Action
from api.routes import operations
from api.routes.edits import operations as edits
from api.routes.knowledge import read_ahead
from data.demo.region import demo_region
from data.reference.loading import load_framework, load_territory
from models import migrations
from models.people import people_of
from models.route_drafts import people_to_draft
from models.routes import RouteRecord
from models.session import Session, make_engine, make_sessions
from models.territories import catalogue_changed, people_changed
from recommender.overrides import Edit

TERRITORY = "kamchatka"
OPERATOR = command_line([TERRITORY])
LOADING, EDITING, READING = (
    Access(OPERATOR, action) for action in (Action.DEMO_LOAD, Action.ROUTE_EDIT, Action.ROUTE_READ)
)
COMPARED = (36.0, 72.0, 108.0)
COMMENT = "Проверка скорости"


def edits_of(session: Session, route: RouteRecord) -> Iterator[Edit]:
    """Return an edit of every kind that a route allows."""
    steps = route.full_answer["route"]["steps"]
    [person] = people_of(session, EDITING.scopes, [route.person_id])
    first = steps[0]
    yield Edit("fix", first["activity"])
    yield Edit("forbid", first["activity"], comment=COMMENT)
    for step in [step for step in steps if step["alternatives"]][:1]:
        yield Edit("swap", step["activity"], instead=step["alternatives"][0]["activity"])
    for step, times in zip(steps, edits.other_times(session, EDITING, person, steps), strict=True):
        if times:
            yield Edit("move", step["activity"], day=times[0].day, exact=times[0].exact)
            break
    yield Edit("hours", hours=72.0)
    yield Edit("formats", formats=("distance", "mixed"))
    yield Edit("period", start=date.today(), end=date.today() + timedelta(days=200))


def spent(verb: Callable[..., Any], session: Session, *arguments: Any) -> float:
    """Return the processor's milliseconds that a verb takes; the session forgets what it read before."""
    session.expire_all()
    started = time.process_time()
    verb(session, *arguments)
    return 1000 * (time.process_time() - started)


def measured(session: Session, routes: list[RouteRecord]) -> dict[str, list[float]]:
    """Return the times of each kind of edit over all routes."""
    times: dict[str, list[float]] = defaultdict(list)
    for route in routes:
        person = route.person_id
        for edit in list(edits_of(session, route)):
            times[f"preview {edit.kind}"].append(spent(edits.preview, session, EDITING, person, edit))
            try:
                times["apply"].append(spent(edits.apply, session, EDITING, person, edit))
            except Conflict:
                # What a route cannot keep is refused, and leaves nothing to take back.
                continue
            times["undo"].append(spent(edits.undo, session, EDITING, person))
        times["what if, three limits"].append(spent(edits.compare, session, READING, person, COMPARED))
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--activities", type=int, default=10_000)
    parser.add_argument("--people", type=int, default=100)
    chosen = parser.parse_args()
    rules = load_territory(TERRITORY)
    framework = load_framework(rules.framework)
    region = demo_region(rules, framework, on=date.today(), people=chosen.people, activities=chosen.activities)
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{Path(folder) / 'edits.sqlite3'}")
        migrations.upgrade(engine)
        sessions = make_sessions(engine)
        with sessions() as session:
            sync_reference(session)
            store_region(session, LOADING, region, framework)
            catalogue_changed(session, TERRITORY)
            people_changed(session, TERRITORY)
            session.commit()
            read_ahead(sessions, [TERRITORY])
            drafts = [
                operations.draft_route(session, Access(OPERATOR, Action.ROUTE_DRAFT), one)
                for one in people_to_draft(session, LOADING.scopes)
            ]
            routes = [route for route in drafts if route.steps]
            session.commit()
            measured(session, routes[:2])
            times = measured(session, routes)
        engine.dispose()
    print(f"{len(region.activities)} activities, {len(routes)} routes of {len(region.people)} people")
    print("| edit | p50, ms | p95 | most | times |\n|---|---|---|---|---|")
    for name, values in times.items():
        p50, p95 = np.percentile(values, [50, 95])
        print(f"| {name} | {p50:.1f} | {p95:.1f} | {max(values):.1f} | {len(values)} |")


if __name__ == "__main__":
    main()
