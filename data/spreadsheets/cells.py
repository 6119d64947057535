"""What one cell of a file says: cleaning of texts, and numbers, per cents and dates out of whatever people type."""

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from data.reference.spellings import listed
from data.reference.words import compared
from data.spreadsheets.days import Order, read_day

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
LONGEST_WORD: Final = 30
"""A text that says in words that there is nothing is never longer."""
YEARS: Final = range(1900, 2101)
"""Years that a date of these tables may have; a number of this range is a year and never a serial of a date."""

_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe0f\ufeff\ufff9-\ufffb]"
)
_CONTROL: Final = re.compile("[\x00-\x08\x0e-\x1b\x7f]")
_NUMBER: Final = re.compile(r"([+-]?)(\d{1,3}(?: \d{3})+|\d+)(?:[.,](\d+))?")
_YEARS_WORDS: Final = re.compile(
    r"(?:(?P<years>\d+(?:[.,]\d+)?)\s*(?:лет|года?|л|г)\.?)?\s*(?:и\s+)?(?:(?P<months>\d{1,2})\s*(?:мес(?:яц\w*)?|м)\.?)?",
    re.IGNORECASE,
)
_UNITS: Final = re.compile(
    r"\s*(?:ак(?:ад(?:емических|ем)?)?\.?\s*)?(?:ч|час|часа|часов|чел|человек|человека|мест|места|место)\.?$",
    re.IGNORECASE,
)
_PROTECTED: Final = re.compile(r'="(.*)"')
_WHOLE: Final = re.compile(r"(\d+)[.,]0+")
_SCIENTIFIC: Final = re.compile(r"\d(?:[.,]\d+)?[eе]\+?\d{1,3}", re.IGNORECASE)
MOST_DIGITS: Final = 15
"""Spreadsheets keep so many digits of a number; the rest of a longer one are zeros that nobody wrote."""
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
    return str(number) if isinstance(number, int) else f"{number:.12g}".replace(".", ",")


def is_blank(cell: Cell) -> bool:
    """Return whether a cell says nothing: it is empty, a single dash, or says so in words («нет данных»)."""
    return cell is None or (isinstance(cell, str) and (cell in DASHES or _is_listed(cell, "blank")))


def _is_listed(cell: str, name: str) -> bool:
    return len(cell) <= LONGEST_WORD and key(cell).rstrip(".") in listed(name)


def is_not_measured(cell: Cell) -> bool:
    """Return whether a cell of a result says that the competency was not measured."""
    return is_blank(cell) or (isinstance(cell, str) and _is_listed(cell, "not_measured"))


def text(cell: Cell, limit: int) -> str | Bad:
    """Return a cell as a text of at most `limit` characters; a whole number loses its «.0»."""
    if isinstance(cell, bool):
        return Bad("not_text", f"«{shown(cell)}» не текст")
    if isinstance(cell, str) and cell in ERRORS:
        return _error(cell)
    value = shown(cell)
    return value if len(value) <= limit else Bad("too_long", f"текст длиннее {limit} знаков")


def identifier(cell: Cell, limit: int) -> str | Bad:
    """Return a cell as a code: digits whole, zeros before them kept, protecting signs gone."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if abs(cell) >= 10**MOST_DIGITS:
            return Bad(
                "digits_lost", f"в коде больше {MOST_DIGITS} цифр, Excel хранит не все: сделайте столбец текстовым"
            )
        return str(int(cell)) if cell == int(cell) else text(cell, limit)
    if isinstance(cell, str):
        cell = unprotected(cell)
        if _SCIENTIFIC.fullmatch(cell):
            return Bad("digits_lost", f"код «{cell}» записан степенью, его цифры потеряны: сделайте столбец текстовым")
        if match := _WHOLE.fullmatch(cell):
            cell = match[1]
    return text(cell, limit)


def unprotected(text: str) -> str:
    """Return a text without what keeps a spreadsheet from taking it for a number: «="00123"» and «'00123»."""
    if match := _PROTECTED.fullmatch(text):
        return cleaned(match[1])
    return text[1:] if text[:1] == "'" and text[1:2].isdigit() else text


def years(cell: Cell) -> float | Bad:
    """Return a cell as years: a number, «15 лет», «3 года 5 мес.»."""
    match = _YEARS_WORDS.fullmatch(cell) if isinstance(cell, str) else None
    if match is None or not (match["years"] or match["months"]):
        value = number(cell)
        if isinstance(value, Bad) and value.code == "not_number":
            return Bad("not_number", f"{value.message} лет: напишите, например, «15», «15 лет» или «3 года 5 мес.»")
        return value
    whole_years = float((match["years"] or "0").replace(",", "."))
    months = int(match["months"] or 0)
    return round(whole_years + months / 12, 2) if months < 12 else Bad("too_large", f"{months} мес. больше 11")


def without_unit(cell: Cell) -> Cell:
    """Return a cell without the unit behind its number: «72 ч.», «25 чел.»."""
    return _UNITS.sub("", cell) or cell if isinstance(cell, str) else cell


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


def day(cell: Cell, mac_dates: bool = False, order: Order = "day_first", next_day: bool = False) -> date | Bad:
    """Return a cell as a date: a date cell, a serial, or any usual way to write a day, with or without a time.

    `order` is what stands first in 04/05/2026; with `next_day` a late moment of UTC is the day after it.
    """
    if isinstance(cell, datetime):
        return _plausible(cell.date(), cell)
    if isinstance(cell, date):
        return _plausible(cell, cell)
    if isinstance(cell, str) and cell in ERRORS:
        return _error(cell)
    if isinstance(cell, str | int) and (written := read_day(str(cell), order)):
        if written.day is None:
            return Bad("no_such_date", f"даты {cell} нет")
        return _plausible(written.day + timedelta(days=written.late and next_day), cell)
    serial = number(cell)
    if isinstance(serial, Bad):
        return Bad("not_date", f"«{shown(cell)}» не дата")
    return _date_of_serial(serial, cell, mac_dates)


def born(cell: Cell, mac_dates: bool = False, order: Order = "day_first") -> Born | Bad:
    """Return a cell as a date of birth; a whole number 1900–2100 is a year."""
    year = number(cell)
    if not isinstance(year, Bad) and year in YEARS:
        return Born(int(year))
    value = day(cell, mac_dates, order)
    return value if isinstance(value, Bad) else Born(value.year, value)


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
