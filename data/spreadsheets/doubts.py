"""What the days and names of a column leave open: which number is the month, which day it was, which alphabet it is."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from data.spreadsheets import days
from data.spreadsheets.headers import Columns
from data.spreadsheets.names import looks_russian
from data.spreadsheets.notices import YES, Choices, ask
from data.spreadsheets.plan import Notice, Option
from data.spreadsheets.schemas import DATES, NAMES
from data.spreadsheets.sheets import Row

SHOWN: Final = 5
_LATIN: Final = frozenset("ABCEHKMOPTXYaceopxyë")
_ORDERS: Final = (
    Option("day_first", "сначала день: 04/05 – 4 мая"),
    Option("month_first", "сначала месяц: 04/05 – 5 апреля"),
)
_ZONES: Final = (Option("written", "день, как записан"), Option("next", "следующий день"))
Found = tuple[frozenset[int], list[Notice]]
"""The columns that are read otherwise than usual, and what is asked about them."""


def month_first(columns: Columns, rows: Sequence[Row], choices: Choices) -> Found:
    """Return the columns in which the month comes first, by what their dates prove or a person says."""
    found, notices = set(), []
    for place, name, texts in _days(columns, rows):
        proved = days.orders(texts)
        if "either" in proved and proved not in ({"either", "day_first"}, {"either", "month_first"}):
            example = next(text for text in texts if days.orders([text]) == {"either"})
            message = f"Столбец «{name}»: в датах вида {example} день и месяц не различить. Что стоит первым?"
            notice, answer = ask(choices, "date_order", message, kind="choice", options=_ORDERS, column=name)
            notices.append(notice)
            found |= {place} if answer == "month_first" else set()
        elif "month_first" in proved and "day_first" not in proved:
            found.add(place)
    return frozenset(found), notices


def next_day(columns: Columns, rows: Sequence[Row], choices: Choices) -> Found:
    """Return the columns in which a late moment of UTC is the next day here, as a person says."""
    found, notices = set(), []
    for place, name, texts in _days(columns, rows):
        late = next((text for text in texts if (read := days.read_day(text)) and read.late), None)
        if late is not None:
            message = f"Столбец «{name}»: {late} – время по UTC, в регионе уже может быть следующий день. Какой верен?"
            notice, answer = ask(choices, "date_zone", message, kind="choice", options=_ZONES, column=name)
            notices.append(notice)
            found |= {place} if answer == "next" else set()
    return frozenset(found), notices


def _days(columns: Columns, rows: Sequence[Row]) -> Iterator[tuple[int, str, list[str]]]:
    """Yield the columns of days with their dates that are written with strokes: only these leave anything open."""
    for place in (columns.fields[name] for name in DATES if name in columns.fields):
        texts = [text for _, text in _texts(rows, place) if "/" in text or "-" in text]
        yield place, columns.header.headings[place].name, texts


def russian(columns: Columns, rows: Sequence[Row], choices: Choices) -> Found:
    """Return the columns whose Latin look-alikes are read as Russian letters, after a yes."""
    found, notices = set(), []
    for place in (columns.fields[name] for name in NAMES if name in columns.fields):
        mixed = ((line, text) for line, text in _texts(rows, place) if _LATIN.intersection(text))
        alike = [(line, text) for line, text in mixed if looks_russian(text) != text]
        if alike:
            name = columns.header.headings[place].name
            message = f"Столбец «{name}»: латинские буквы среди русских – {_some(alike)}. Заменить их на русские?"
            notice, answer = ask(choices, "lookalikes", message, column=name, line=alike[0][0])
            notices.append(notice)
            found |= {place} if answer == YES else set()
    return frozenset(found), notices


def _some(alike: Sequence[tuple[int, str]]) -> str:
    named = "; ".join(f"строка {line} «{text[:60]}»" for line, text in alike[:SHOWN])
    return f"{named}; …" if len(alike) > SHOWN else named


def _texts(rows: Iterable[Row], place: int) -> Iterator[tuple[int, str]]:
    for line, cells in rows:
        cell = cells[place] if place < len(cells) else None
        if isinstance(cell, str):
            yield line, cell
