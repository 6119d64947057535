"""Are the answers of two commits the same bytes? Both are run side by side on the same demo regions.

    python -m benchmarks.same_answers OLD [NEW]

For each of the five territories: a demo region drafted as a batch, the stored routes, the same people asked without
storing, edits by hand looked at and kept, an undo, limits compared, «почему не …?». Only the doors that both commits
have are used: the commands and the JSON of the service. What a commit says of time and rows (`ROWS`) is left out.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from flask import Flask

Json = Any

TERRITORIES: Final = ("ivanovo", "kamchatka", "moscow", "muya", "staraya-mayna")
PEOPLE, ACTIVITIES, ASKED, EDITED = 60, 240, 24, 6
ROWS: Final = frozenset({"id", "created_at", "version", "lock_version", "made_at"})
"""Keys of the rows that hold an answer, not of the answer: a route that is kept as versions has more of them."""

COLLECT: Final = f"""
import sys
sys.path.insert(0, ".")
sys.path.append({str(Path(__file__).parent)!r})
from same_answers import collect
collect()
"""


def collect() -> None:
    """Print a line for each answer of the commit in whose folder this runs: its name, and its bytes as JSON."""
    from api.app import create_app

    app = create_app()
    run = app.test_cli_runner()
    assert run.invoke(args=["db", "upgrade"]).exit_code == 0
    for territory in TERRITORIES:
        sizes = ["--people", str(PEOPLE), "--activities", str(ACTIVITIES)]
        loaded = run.invoke(args=["demo", "--territory", territory, *sizes])
        assert loaded.exit_code == 0, loaded.output
        assert run.invoke(args=["recommend", "--territory", territory, "--jobs", "1"]).exit_code == 0
        login = "coordinator" if territory == TERRITORIES[0] else f"coordinator-{territory}"
        tutor = login.replace("coordinator", "tutor")
        for name, answer in _answers(
            _Asker(app, login, "demo-coordinator"), _Asker(app, tutor, "demo-tutor"), territory
        ):
            print(json.dumps([f"{territory} {name}", answer], ensure_ascii=False))


class _Asker:
    """Asks the service as one account, through Flask's own client."""

    def __init__(self, app: Flask, login: str, password: str) -> None:
        self.client = app.test_client()
        opened = self.client.post("/api/v1/sign-ins", json={"login": login, "password": password})
        assert opened.status_code == 201, opened.text
        self.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {opened.get_json()['token']}"

    def ask(self, method: str, path: str, body: Mapping[str, Json] | None = None) -> Json:
        """Return the status and the answer."""
        asked = self.client.open(f"/api/v1{path}", method=method, json=body)
        return [asked.status_code, asked.get_json()]


def _answers(centre: _Asker, tutor: _Asker, territory: str) -> Iterator[tuple[str, Json]]:
    people = centre.ask("GET", f"/people?territory={territory}&limit=200")[1]["items"]
    for number, person in enumerate(people[:ASKED]):
        home = f"/people/{person['id']}"
        profile = centre.ask("GET", f"{home}/profile")
        yield f"{number} profile", profile
        yield f"{number} deficits", centre.ask("GET", f"{home}/deficits")
        yield f"{number} stateless", centre.ask("POST", "/recommend", _question(territory, profile))
        current = centre.ask("GET", f"{home}/routes")[1]["items"]
        if current:
            route = centre.ask("GET", f"/routes/{current[0]['id']}")
            yield f"{number} stored", route
            if number < EDITED:
                yield from ((f"{number} {name}", told) for name, told in _edits(tutor, home, route))


def _question(territory: str, profile: Json) -> Mapping[str, Json]:
    """Return what a person's stored results would be as a question of their own."""
    results = [
        {"competency": one["competency"], **{name: result[name] for name in ("percent", "form", "stage", "date")}}
        for one in profile[1]["competencies"]
        for result in one["results"]
    ]
    return {"territory": territory, "results": results, "limits": {"hours": 90}, "on": profile[1]["on"]}


def _edits(tutor: _Asker, home: str, route: Json) -> Iterator[tuple[str, Json]]:
    steps = [step["activity"] for step in route[1]["route"]["steps"]]
    others = [other["activity"] for step in route[1]["route"]["steps"] for other in step["alternatives"]]
    edits: list[dict[str, Json]] = [{"kind": "hours", "hours": 72}, {"kind": "formats", "formats": ["дистанционная"]}]
    if steps:
        edits.append({"kind": "fix", "activity": steps[0]})
        edits.append({"kind": "forbid", "activity": steps[-1], "comment": "не подходит"})
    if others:
        edits.append({"kind": "fix", "activity": others[0]})
    for edit in edits:
        yield f"preview {json.dumps(edit)}", tutor.ask("POST", f"{home}/routes/preview", edit)
        yield f"apply {json.dumps(edit)}", tutor.ask("PATCH", f"{home}/routes/current", edit)
    yield "undo", tutor.ask("POST", f"{home}/routes/current/undo")
    yield "what if", tutor.ask("GET", f"{home}/routes/what-if")
    current = tutor.ask("GET", f"{home}/routes")[1]["items"][0]["id"]
    for code in others[:2]:
        yield f"why not {code}", tutor.ask("GET", f"/routes/{current}/why-not?activity={code}")


def answers_of(revision: str, folder: Path) -> list[str]:
    """Return the lines that a commit prints, made in a folder of its own with a database of its own."""
    tree = folder / "tree"
    subprocess.run(["git", "worktree", "add", "--quiet", "--detach", tree, revision], check=True)
    try:
        environment = {**os.environ, "INSTANCE_DIR": str(folder / "instance"), "RECOMMEND_RATE": "1000000 per minute"}
        command = [sys.executable, "-c", COLLECT]
        told = subprocess.run(command, cwd=tree, env=environment, check=True, stdout=subprocess.PIPE, text=True)
        return told.stdout.splitlines()
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", tree], check=True)


def _without_rows(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _without_rows(inner) for name, inner in value.items() if name not in ROWS}
    return [_without_rows(inner) for inner in value] if isinstance(value, list) else value


def differing(old: list[str], new: list[str]) -> list[str]:
    """Return the names of the answers that are not the same bytes in both."""
    pairs = (
        (json.loads(one), json.loads(other)) for one, other in zip_longest(old, new, fillvalue='["nothing", null]')
    )
    return [one[0] for one, other in pairs if json.dumps(_without_rows(one)) != json.dumps(_without_rows(other))]


def main() -> None:
    """Compare two commits and end with 1 where any answer differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old")
    parser.add_argument("new", nargs="?", default="HEAD")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        old, new = answers_of(asked.old, Path(one)), answers_of(asked.new, Path(other))
    found = differing(old, new)
    print(f"{len(old)} answers of {asked.old}, {len(new)} of {asked.new}: {len(found)} differ", *found, sep="\n  ")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
