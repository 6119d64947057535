"""Pages of long lists by a cursor: an opaque text that says after which row the next page begins."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Generic, TypeVar

from pydantic import BeforeValidator, WithJsonSchema

from api.fields import GREATEST_ID

ItemT = TypeVar("ItemT")

DEFAULT_LIMIT: Final = 50
LONGEST: Final = 1500

Key = tuple[str | int, ...]


class InvalidCursor(ValueError):
    """The text is no cursor of this list; the message is a Russian sentence."""


@dataclass(frozen=True, slots=True)
class Page(Generic[ItemT]):
    """Some rows of a list and the cursor of the next page, None on the last one."""

    items: tuple[ItemT, ...]
    next: str | None


def encode(key: Key) -> str:
    """Return the cursor of the row with this sort key."""
    text = json.dumps(key, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str, kinds: Sequence[type[str] | type[int]]) -> Key:
    """Return the sort key of a cursor; one that was not made for a key of these kinds is refused."""
    if len(cursor) > LONGEST:
        raise InvalidCursor(f"курсор длиннее {LONGEST} знаков")
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        key = json.loads(raw.decode())
    except (binascii.Error, ValueError, RecursionError) as error:
        raise InvalidCursor("это не курсор списка: возьмите значение next предыдущей страницы") from error
    if not isinstance(key, list) or [type(part) for part in key] != list(kinds) or not all(map(_storable, key)):
        raise InvalidCursor("этот курсор от другого списка: возьмите значение next предыдущей страницы")
    return tuple(key)


def _storable(part: str | int) -> bool:
    """Tell whether every database may be asked about the value: PostgreSQL knows no NUL and no half of a pair."""
    if isinstance(part, int):
        return 0 <= part <= GREATEST_ID
    return "\x00" not in part and not any("\ud800" <= sign <= "\udfff" for sign in part)


def cut(rows: Sequence[ItemT], limit: int, key: Callable[[ItemT], Key]) -> Page[ItemT]:
    """Return one page of rows selected with `limit + 1`: the row too many only says that there is a next page."""
    items = tuple(rows[:limit])
    return Page(items, encode(key(items[-1])) if len(rows) > limit else None)


def _after_text(cursor: str) -> Key:
    return decode(cursor, (str, int))


def _after_number(cursor: str) -> int:
    return int(decode(cursor, (int,))[0])


_AS_TEXT: Final = WithJsonSchema(
    {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[A-Za-z0-9_-]+$"}
)
TextCursor = Annotated[tuple[str, int], BeforeValidator(_after_text), _AS_TEXT]
"""The field of a query that takes the cursor of a list in order of a text, then of an id."""

NumberCursor = Annotated[int, BeforeValidator(_after_number), _AS_TEXT]
"""The field of a query that takes the cursor of a list in order of ids."""
