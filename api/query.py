"""What pages read from an address or a form: numbers of rows, where a list goes on, and its filters."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from flask import abort, request, url_for

from api.fields import GREATEST_ID, whole_number
from api.paging import InvalidCursor, Key, decode

LONGEST_TEXT: Final = 200


def number(text: str) -> int:
    """Return the number of a row that came in with an address or a form; anything else leads nowhere."""
    found = whole_number(text, 0, GREATEST_ID)
    return abort(404) if found is None else found


def text_of(name: str) -> str:
    """Return a text of the address as it may be looked for."""
    return request.args.get(name, "").replace("\x00", "").strip()[:LONGEST_TEXT]


def chosen(names: Iterable[str]) -> dict[str, str]:
    """Return the filters that stand in the address."""
    return {name: text_of(name) for name in names}


def kept(filters: Mapping[str, str]) -> dict[str, str]:
    """Return the filters that are set, to be kept in the next address."""
    return {name: value for name, value in filters.items() if value}


def address(endpoint: str, filters: Mapping[str, str], **place: int) -> str:
    """Return the address of a page with the filters that are set."""
    values: Any = {**place, **kept(filters)}
    return url_for(endpoint, **values)


def key_after(*kinds: type[str] | type[int]) -> Key | None:
    """Return the key of the row behind which this page of a list begins, None on the first page."""
    cursor = request.args.get("after", "")
    try:
        return decode(cursor, kinds) if cursor else None
    except InvalidCursor:
        abort(404)


def after() -> int:
    """Return the id behind which this page of a list begins, 0 on the first page."""
    key = key_after(int)
    return int(key[0]) if key else 0
