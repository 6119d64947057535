"""Types of the fields that requests consist of; each refuses what it is not, with a Russian sentence."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic import StringConstraints as Limits
from pydantic_core import CoreSchema, core_schema
from typing_extensions import TypedDict

from data.reference import words
from data.reference.loading import territory_codes

GREATEST_ID: Final = 2**31 - 1
MOST_ON_PAGE: Final = 200
SHORT_LIST: Final = 200
"""A list that may have so many entries tells all its wrong ones; of a longer one the first says enough."""

FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2100, 12, 31)

# PostgreSQL stores no NUL, and no text of this service has a use for control signs other than tab and line end.
PRINTED: Final = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$"
ONE_LINE: Final = r"^[^\x00-\x1f]*[^\x00-\x20][^\x00-\x1f]*$"
WEB_LINK: Final = r"^(https?://[^\x00-\x20<>\"]+)?$"


class Form(BaseModel):
    """What may come in: exactly these fields, each of exactly its type, with finite numbers."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)


class Answer(TypedDict):
    """What goes out: the declaration that builders fill and OpenAPI describes."""


class OneOf(TypedDict):
    """How OpenAPI says that a text is one of a list."""

    type: Literal["string"]
    enum: list[str]


@dataclass(frozen=True, slots=True)
class Known:
    """A text that must be one of a list: `find` returns its code or None, `shown` are the spellings to document."""

    find: Callable[[str], str | None]
    shown: Callable[[], tuple[str, ...]]
    sentence: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._code, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> OneOf:
        return {"type": "string", "enum": list(self.shown())}

    def _code(self, text: str) -> str:
        code = self.find(text)
        if code is None:
            raise ValueError(self.sentence.format(text=text[:100], known=", ".join(self.shown())))
        return code


@dataclass(frozen=True, slots=True)
class UpTo:
    """How many entries a list may have, put on the type of a tuple.

    Pydantic counts a tuple after it has read it and has built every error in it: a request of a megabyte would become
    a gigabyte of errors. Here the entry too many ends the reading, and in a long list the first wrong one does.
    """

    most: int
    least: int = 0

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        entries = core_schema.list_schema(
            handler.generate_schema(get_args(source)[0]),
            min_length=self.least or None,
            max_length=self.most,
            fail_fast=self.most > SHORT_LIST,
        )
        return core_schema.no_info_after_validator_function(
            tuple, entries, serialization=core_schema.simple_ser_schema("any")
        )


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes that a text of an answer is one of."""

    codes: tuple[str, ...]

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> OneOf:
        return {"type": "string", "enum": list(self.codes)}


def word(group: str) -> Known:
    """Return the check of a word of the vocabulary: its code, or its Russian word however it is spelled."""

    def shown() -> tuple[str, ...]:
        entries = words.words(group)
        return (*entries, *(text for text in entries.values() if text not in entries))

    return Known(lambda text: words.recognised(group, text), shown, "значения «{text}» нет в перечне: {known}")


def _territory(text: str) -> str | None:
    return text if text in territory_codes() else None


def _day(value: Any) -> Any:
    # Pydantic would also read seconds since 1970 as a date, and no arithmetic survives the edges of the calendar.
    if not isinstance(value, str):
        return value
    if len(value) != 10 or not value.isascii():
        raise ValueError("нужна дата вида ГГГГ-ММ-ДД")
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise ValueError("нужна дата вида ГГГГ-ММ-ДД") from error
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"дата должна быть между {FIRST_DAY} и {LAST_DAY}")
    return day


def _whole(value: Any) -> Any:
    # JSON has one kind of numbers: 3.0 is the whole number 3.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def whole_number(text: str, least: int, most: int) -> int | None:
    """Return the whole number that a page's address or form says in plain digits, None where it says anything else."""
    plain = text.isascii() and text.isdecimal() and len(text) <= len(str(most))
    return int(text) if plain and least <= int(text) <= most else None


def _digits(value: Any) -> Any:
    if not (isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 10):
        raise ValueError("нужно целое число")
    return int(value)


def _yes_or_no(value: Any) -> Any:
    if value not in ("true", "false"):
        raise ValueError("нужно true или false")
    return value == "true"


Day = Annotated[date, BeforeValidator(_day)]
WHOLE: Final = BeforeValidator(_whole)
Text = Annotated[str, Limits(max_length=1000, pattern=PRINTED)]
LongText = Annotated[str, Limits(max_length=4000, pattern=PRINTED)]
Name = Annotated[str, Limits(min_length=1, max_length=1000, pattern=ONE_LINE)]
Code = Annotated[str, Limits(min_length=1, max_length=200, pattern=ONE_LINE)]
Link = Annotated[str, Limits(max_length=1000, pattern=WEB_LINK)]
TerritoryCode = Annotated[str, Known(_territory, territory_codes, "территории «{text}» нет; есть {known}")]

# Values of a query string and of a multipart form, where everything is a text.
RowNumber = Annotated[int, Field(ge=1, le=GREATEST_ID), BeforeValidator(_digits)]
PageSize = Annotated[int, Field(ge=1, le=MOST_ON_PAGE), BeforeValidator(_digits)]
YesNo = Annotated[bool, BeforeValidator(_yes_or_no)]
