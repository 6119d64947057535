"""Numbers that no row can have: a page that is not there or a refusal with a sentence, never a 500."""

import re
from typing import Any

import pytest

from api.fields import GREATEST_ID, whole_number
from api.paging import encode

HUGE = ("9" * 20, "9" * 5000, str(GREATEST_ID + 1), "00000000000000000001", "-1", "٣")
NAMES = ("after", "cursor", "limit", "hours", "mentee", "mentee_id", "mentor", "mentor_id", "with", "number", "pair")
PLACES = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>")


def addresses(app: Any, huge: str) -> list[tuple[str, str]]:
    """Return every address of the service that holds an id, with this number in its place, by method."""
    found = []
    for rule in app.url_map.iter_rules():
        if "<row:" in rule.rule:
            path = PLACES.sub(lambda place: huge if place.group(1) == "row" else "csv", rule.rule)
            found += [(method, path) for method in sorted(rule.methods - {"HEAD", "OPTIONS"})]
    return found


def test_every_number_in_an_address_is_read_as_an_id(stored: Any) -> None:
    rules = [rule.rule for rule in stored.app.url_map.iter_rules()]
    assert [rule for rule in rules if "<int" in rule or "<float" in rule] == []
    assert len(addresses(stored.app, "1")) > 50


@pytest.mark.parametrize("huge", HUGE, ids=[huge[:20] for huge in HUGE])
def test_an_id_beyond_all_rows_is_not_found(stored: Any, huge: str) -> None:
    client = stored.client("coordinator")
    for method, path in addresses(stored.app, huge):
        status = client.open(path, method=method).status_code
        # What changes something asks first for the token of its form or for a body, and some endpoints for a query.
        page = method == "GET" and not path.startswith("/api/")
        assert status in ({404} if page else {400, 404, 405, 415, 422}), (method, path[:80], status)


def test_an_id_beyond_all_rows_in_the_query_breaks_no_page(stored: Any) -> None:
    client = stored.client("coordinator")
    me = stored.person("К-1")
    pages = [rule.rule for rule in stored.app.url_map.iter_rules() if "GET" in rule.methods and "<" not in rule.rule]
    pages += [f"/people/{me}/route", f"/people/{me}/route/edit", f"/people/{me}/route/what-if"]
    pages += [f"/api/v1/people/{me}/routes/what-if"]
    cursors = [("after", encode(key)) for key in ((10**20,), ("а", 10**20), (-1,))]
    asked = [*((name, HUGE[0]) for name in NAMES), *cursors]
    assert [
        (page, *one) for page in pages for one in asked if client.get(page, query_string=[one]).status_code >= 500
    ] == []


@pytest.mark.parametrize("huge", [10**20, GREATEST_ID + 1, -1, 1e300, "1"])
def test_an_id_beyond_all_rows_in_json_is_refused(stored: Any, huge: Any) -> None:
    body = {"territory": "kamchatka", "kind": "young", "earlier_id": huge}
    answer = stored.client("coordinator").post("/api/v1/mentor-runs", json=body)
    assert (answer.status_code, answer.get_json()["error"]["field"]) == (422, "earlier_id")


@pytest.mark.parametrize("path", ["/mentors/run", "/mentors", "/imports/columns"])
def test_an_id_beyond_all_rows_in_a_form_breaks_nothing(service: Any, visit: Any, path: str) -> None:
    boss = visit("coordinator")
    for huge in HUGE:
        form = {"territory": "kamchatka", "kind": "young", "objective": "coverage", "earlier": huge, "former": huge}
        assert boss.post(path, form).status_code < 500


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("72", 72),
        ("100", 100),
        ("0", None),
        ("101", None),
        ("", None),
        ("007", 7),
        ("0007", None),
        ("+7", None),
    ]
    + [("7.0", None), (" 7", None), ("٧", None), ("7\n", None), ("9" * 5000, None), ("-0", None)],
)
def test_a_whole_number_is_plain_digits_within_limits(text: str, number: int | None) -> None:
    assert whole_number(text, 1, 100) == number
