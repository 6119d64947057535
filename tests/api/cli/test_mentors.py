"""`flask mentors run`: counts, certificate, JSON, and refusals by name."""

import json

import pytest
from click.testing import Result
from flask import Flask


def flask(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=arguments)


@pytest.fixture
def region(app: Flask) -> Flask:
    assert flask(app, "demo", "--territory", "muya", "--people", "90", "--activities", "20").exit_code == 0
    return app


def test_a_run_of_the_demo_region_covers_young_teachers(region: Flask) -> None:
    result = flask(region, "mentors", "run", "--territory", "muya", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["covered"] > 0 and told["mentors"] > 0
    assert told["covered"] + told["uncovered"] == told["mentees"]
    assert 0 < told["total"] <= told["bound"] + 1e-6
    text = flask(region, "mentors", "run", "--territory", "muya", "--objective", "fairest").stdout
    assert f"охват {told['covered']} из {told['mentees']}" in text


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--territory", "mars"), "mars"),
        (("--territory", "muya", "--kind", "friends"), "friends"),
        (("--territory", "muya", "--objective", "best"), "best"),
    ],
)
def test_unknown_names_end_with_a_sentence(app: Flask, arguments: tuple[str, ...], named: str) -> None:
    result = flask(app, "mentors", "run", *arguments)
    assert result.exit_code == 2
    assert f"«{named}»" in result.stderr
