"""What one cell of a file says: cleaning of texts, and numbers, per cents and dates out of whatever people type."""

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from data.reference.words import compared

Cell = str | int | float | date | time | timedelta | None
"""A cleaned cell: a text is never empty, a cell of per-cent format is a text («85%»), `bool` is an `int`."""

UNCALCULATED: Final = "#ФОРМУЛА!"
BROKEN: Final = "#ЧИСЛО!"
ERRORS: Final = frozenset(
    [
        "#NULL!",
        "#DIV/0!",
        "#VALUE!",
        "#REF!",
        "#NAME?",
        "#NUM!",
        "#N/A",
        "#GETTING_DATA",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#BLOCKED!",
        "#CONNECT!",
        "#BUSY!",
        "#ПУСТО!",
        "#ДЕЛ/0!",
        "#ЗНАЧ!",
        "#ССЫЛКА!",
        "#ИМЯ?",
        "#ЧИСЛО!",
        "#Н/Д",
        "#ПЕРЕНОС!",
        "#ВЫЧИСЛ!",
        "#ФОРМУЛА!",
    ]
)
DASHES: Final = frozenset("-‐‑‒–—―−﹘﹣－⸺")
NOT_MEASURED: Final = frozenset({"н/п", "не применимо"})
YEARS: Final = range(1900, 2101)
"""Years that a date of these tables may have; a number of this range is a year and never a serial of a date."""

_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe0f\ufeff\ufff9-\ufffb]"
)
_CONTROL: Final = re.compile("[\x00-\x08\x0e-\x1b\x7f]")
_NUMBER: Final = re.compile(r"([+-]?)(\d{1,3}(?: \d{3})+|\d+)(?:[.,](\d+))?")
_CLOCK: Final = r"(?:[T ](?P<time>\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)(?:Z|[+-]\d{2}:?\d{2})?)?"
_RUSSIAN_DATE: Final = re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})" + _CLOCK)
_ISO_DATE: Final = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})" + _CLOCK)
_SERIALS: Final = range(3_654, 80_000)
"""Serials of dates from 1910 on; a smaller number is a mistyped year sooner than a date."""


@dataclass(frozen=True, slots=True)
class Bad:
    """Why a cell cannot be taken: a code and a Russian sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Born:
    """A date of birth, or only its year."""

    year: int
    on: date | None = None


def cleaned(text: str) -> str:
    """Return a text as it is stored: composed letters, nothing invisible, one space for any run, none at the ends."""
    if not text.isprintable() or not text.isascii():
        text = _CONTROL.sub("", _INVISIBLE.sub("", unicodedata.normalize("NFC", text)))
    return " ".join(text.split())


@lru_cache(maxsize=1 << 17)
def key(text: str) -> str:
    """Return a text as it is compared."""
    return compared(text)


def header_key(text: str) -> str:
    """Return a column name as it is compared: like a text, and without dots and trailing colons."""
    return key(text.replace(".", "")).rstrip(": ")


def shown(cell: Cell) -> str:
    """Return a cell as people see it in a table: decimal comma, dd.mm.yyyy, ИСТИНА."""
    if cell is None or isinstance(cell, str):
        return cell or ""
    if isinstance(cell, bool):
        return "ИСТИНА" if cell else "ЛОЖЬ"
    if isinstance(cell, int | float):
        return shown_number(cell)
    if isinstance(cell, datetime):
        return f"{cell:%d.%m.%Y %H:%M}"
    return f"{cell:%d.%m.%Y}" if isinstance(cell, date) else str(cell)


def shown_number(number: float) -> str:
    """Return a number with a decimal comma, without a tail of zeros."""
    return f"{number:.12g}".replace(".", ",")


def is_blank(cell: Cell) -> bool:
    """Return whether a cell says nothing: it is empty or a single dash."""
    return cell is None or (isinstance(cell, str) and cell in DASHES)


def is_not_measured(cell: Cell) -> bool:
    """Return whether a cell of a result says that the competency was not measured."""
    return is_blank(cell) or (isinstance(cell, str) and key(cell) in NOT_MEASURED)


def text(cell: Cell, limit: int) -> str | Bad:
    """Return a cell as a text of at most `limit` characters; a whole number loses its «.0»."""
    if isinstance(cell, bool):
        return Bad("not_text", f"«{shown(cell)}» не текст")
    if isinstance(cell, str) and cell in ERRORS:
        return _error(cell)
    value = shown(cell)
    return value if len(value) <= limit else Bad("too_long", f"текст длиннее {limit} знаков")


def number(cell: Cell) -> float | Bad:
    """Return a cell as a number: point or comma, spaces between thousands; TRUE, errors and NaN are no numbers."""
    if isinstance(cell, int | float) and not isinstance(cell, bool) and math.isfinite(cell):
        return cell
    if not isinstance(cell, str):
        return Bad("not_number", f"«{shown(cell)}» не число")
    if cell in ERRORS:
        return _error(cell)
    match = _NUMBER.fullmatch(cell.replace("−", "-"))
    if match is None:
        return Bad("not_number", f"«{cell}» не число")
    sign, whole_part, fraction = match.groups()
    value = float(f"{sign}{whole_part.replace(' ', '')}.{fraction or '0'}")
    # A text of four hundred digits is a number for the pattern and infinity for the machine.
    return value if value < 1e15 and value > -1e15 else Bad("not_number", f"«{cell[:40]}» не число")


def bounded(cell: Cell, least: float, most: float | None = None) -> float | Bad:
    """Return a cell as a number between `least` and `most`, both allowed."""
    value = number(cell)
    if isinstance(value, Bad):
        return value
    if value < least:
        return Bad("too_small", f"{shown_number(value)} меньше {shown_number(least)}")
    if most is not None and value > most:
        return Bad("too_large", f"{shown_number(value)} больше {shown_number(most)}")
    return value


def whole(cell: Cell, least: int, most: int | None = None) -> int | Bad:
    """Return a cell as a whole number between `least` and `most`, both allowed."""
    value = bounded(cell, least, most)
    if isinstance(value, Bad):
        return value
    return int(value) if value == int(value) else Bad("not_whole", f"{shown_number(value)} не целое число")


def percent(cell: Cell) -> float | Bad:
    """Return a cell as per cent in [0, 100]: «85%» is 85, and 0.85 is 0.85."""
    if isinstance(cell, float) and 0 <= cell <= 100:
        return cell
    if isinstance(cell, str) and cell.endswith("%") and len(cell) > 1:
        value = bounded(cell[:-1].rstrip(), 0, 100)
        return (
            Bad("not_number", f"«{cell}» не число") if isinstance(value, Bad) and value.code == "not_number" else value
        )
    return bounded(cell, 0, 100)


def day(cell: Cell, mac_dates: bool = False) -> date | Bad:
    """Return a cell as a date: a date cell, a serial, dd.mm.yyyy or ISO, each with or without a time."""
    if isinstance(cell, datetime):
        return _plausible(cell.date(), cell)
    if isinstance(cell, date):
        return _plausible(cell, cell)
    if isinstance(cell, str) and cell in ERRORS:
        return _error(cell)
    if isinstance(cell, str) and (match := _RUSSIAN_DATE.fullmatch(cell) or _ISO_DATE.fullmatch(cell)):
        return _written_date(cell, match)
    serial = number(cell)
    if isinstance(serial, Bad):
        return Bad("not_date", f"«{shown(cell)}» не дата")
    return _date_of_serial(serial, cell, mac_dates)


def born(cell: Cell, mac_dates: bool = False) -> Born | Bad:
    """Return a cell as a date of birth; a whole number 1900–2100 is a year."""
    year = number(cell)
    if not isinstance(year, Bad) and year in YEARS:
        return Born(int(year))
    value = day(cell, mac_dates)
    return value if isinstance(value, Bad) else Born(value.year, value)


def _written_date(cell: str, match: re.Match[str]) -> date | Bad:
    try:
        value = date(int(match["year"]), int(match["month"]), int(match["day"]))
        if match["time"]:
            time.fromisoformat(match["time"].replace(",", ".").zfill(5))
    except ValueError:
        return Bad("no_such_date", f"даты {cell} нет")
    return _plausible(value, cell)


def _date_of_serial(serial: float, cell: Cell, mac_dates: bool) -> date | Bad:
    if serial in YEARS:
        return Bad("not_date", f"«{shown(cell)}» – год, а нужна дата")
    if not _SERIALS[0] <= serial <= _SERIALS[-1]:
        return Bad("not_date", f"«{shown(cell)}» не дата")
    value = from_excel(serial, CALENDAR_MAC_1904 if mac_dates else CALENDAR_WINDOWS_1900)
    return (
        _plausible(value.date(), cell) if isinstance(value, datetime) else Bad("not_date", f"«{shown(cell)}» не дата")
    )


def _plausible(value: date, cell: Cell) -> date | Bad:
    if value.year in YEARS:
        return value
    return Bad("not_date", f"дата {shown(cell)} вне {YEARS[0]}–{YEARS[-1]} годов")


def _error(cell: str) -> Bad:
    if cell == UNCALCULATED:
        return Bad("uncalculated", "формула не посчитана: откройте файл в Excel и сохраните его")
    return Bad("cell_error", f"в ячейке ошибка {cell}")
