"""What pages read from an address leads somewhere, or nowhere: never to an error."""

import pytest
from flask import Flask
from werkzeug.exceptions import NotFound

from api import query
from api.paging import encode


@pytest.mark.parametrize("text", ["", "-1", "1.5", "٣", "²", "one", "9" * 10, "9" * 5000])
def test_what_is_no_number_of_a_row_leads_nowhere(text: str) -> None:
    with pytest.raises(NotFound):
        query.number(text)


def test_a_number_of_a_row_is_read() -> None:
    assert [query.number(text) for text in ("0", "17", "9" * 9)] == [0, 17, 999_999_999]


def test_filters_are_cleaned_and_only_those_that_are_set_are_kept() -> None:
    with Flask(__name__).test_request_context(query_string={"q": " Функ\x00ции ", "kind": "", "other": "x"}):
        chosen = query.chosen(("q", "kind"))
    assert chosen == {"q": "Функции", "kind": ""}
    assert query.kept(chosen) == {"q": "Функции"}


def test_an_address_keeps_the_row_and_the_filters_that_are_set_whatever_is_in_them() -> None:
    app = Flask(__name__)
    app.add_url_rule("/runs/<int:run_id>", "show")
    with app.test_request_context():
        found = query.address("show", {"q": "a&b=c", "kind": "", "external": "1"}, run_id=7)
    assert found == "/runs/7?q=a%26b%3Dc&external=1"


def test_a_text_of_any_length_is_cut() -> None:
    with Flask(__name__).test_request_context(query_string={"q": "я" * 5000}):
        assert query.text_of("q") == "я" * query.LONGEST_TEXT


def test_a_list_goes_on_behind_the_row_of_its_cursor() -> None:
    with Flask(__name__).test_request_context(query_string={"after": encode((17,))}):
        assert query.after() == 17
    with Flask(__name__).test_request_context():
        assert (query.after(), query.key_after(str, int)) == (0, None)


@pytest.mark.parametrize("cursor", ["17", "!", encode(("17",)), encode((1, 2)), encode((10**30,)), "A" * 9999])
def test_a_cursor_of_something_else_leads_nowhere(cursor: str) -> None:
    with Flask(__name__).test_request_context(query_string={"after": cursor}), pytest.raises(NotFound):
        query.after()
