"""Days as people and programs write them: 15.04.26, 15 апреля 2026 г., 15/04/2026, 2026/04/15 10:12 GMT+3, 20260415."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from typing import Final, Literal

from data.reference.spellings import spellings
from data.reference.words import compared

Order = Literal["day_first", "month_first"]
CENTURY: Final = 60
"""A year of two digits below it is of this century: nobody who teaches was born before 1960 and began after 2060."""
LATE: Final = 12
"""From this hour of UTC on the day has ended somewhere in Russia (Камчатка has UTC+12)."""

_TIME: Final = r"(?:[T,]?\s*(?P<time>\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)(?:\s*(?P<half>[AaPp]\.?[Mm]\.?))?)?"
_ZONE: Final = r"(?:\s*(?P<zone>Z|UTC|GMT|МСК|MSK)?\s*(?P<offset>[+-]\d{1,2}(?::?\d{2})?)?)?"
_TAIL: Final = rf"(?:\s*г(?:\.|ода)?)?,?{_TIME}{_ZONE}"
_WEEKDAY: Final = r"(?:[^\W\d_]{2,11},\s*)?"
_FORMS: Final = tuple(
    re.compile(form + _TAIL, re.IGNORECASE)
    for form in (
        r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4}|\d{2})",
        r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})",
        r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})",
        _WEEKDAY + r"[«“„\"]?(?P<day>\d{1,2})[»”“\"]?[\s-](?P<word>[^\W\d_]{3,8})\.?,?[\s-](?P<year>\d{4})",
        _WEEKDAY + r"(?P<word>[^\W\d_]{3,9})\.?\s(?P<day>\d{1,2}),?\s(?P<year>\d{4})",
    )
)
_EITHER: Final = re.compile(
    r"(?P<one>\d{1,2})(?P<sign>[/-])(?P<two>\d{1,2})(?P=sign)(?P<year>\d{4}|\d{2})" + _TAIL, re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Written:
    """A day as it is written: None in `day` where the calendar has no such day; `late` may be the next day."""

    day: date | None
    late: bool = False


def read_day(text: str, order: Order = "day_first") -> Written | None:
    """Return the day that a text is written as, None where it is no day; a number above 12 is the day."""
    for form in _FORMS:
        if match := form.fullmatch(text):
            return _written(match, match["day"], _month(match), match["year"])
    if match := _EITHER.fullmatch(text):
        one, two = int(match["one"]), int(match["two"])
        swapped = two > 12 or (order == "month_first" and one <= 12)
        day, month = (two, one) if swapped else (one, two)
        return _written(match, day, month, match["year"])
    return None


def _month(match: re.Match[str]) -> int:
    groups = match.groupdict()
    if groups.get("month"):
        return int(groups["month"])
    return spellings().month_numbers.get(compared(groups["word"]), 0)


def _written(match: re.Match[str], day: str | int, month: int, year: str) -> Written | None:
    if not month and "word" in match.groupdict():
        return None
    number = int(year)
    if len(year) == 2:
        number += 2000 if number < CENTURY else 1900
    try:
        moment = _moment(match)
        return Written(date(number, month, int(day)), _late(match, moment))
    except ValueError:
        return Written(None)


def _moment(match: re.Match[str]) -> time:
    """Return the time of a day, midnight where none is written; one that no clock shows is a ValueError."""
    if not match["time"]:
        return time()
    hour, _, rest = match["time"].replace(",", ".").partition(":")
    number = int(hour)
    if match["half"]:
        if not 1 <= number <= 12:
            raise ValueError(hour)
        number = number % 12 + (12 if match["half"].lower().startswith("p") else 0)
    return time.fromisoformat(f"{number:02d}:{rest}")


def _late(match: re.Match[str], moment: time) -> bool:
    """Tell whether a moment of UTC may be the next day where the file was made."""
    offset = re.sub(r"\D", "", match["offset"] or "")
    in_utc = compared(match["zone"] or "") in ("z", "utc", "gmt") or bool(match["offset"])
    return in_utc and not offset.strip("0") and moment.hour >= LATE


def orders(texts: Iterable[str]) -> frozenset[str]:
    """Return what dates with strokes of one column prove: an order, or «either» of a date that may be both."""
    found = set()
    for text in texts:
        if (match := _EITHER.fullmatch(text)) is None:
            continue
        one, two = int(match["one"]), int(match["two"])
        if one != two:
            found.add("day_first" if one > 12 else "month_first" if two > 12 else "either")
    return frozenset(found)
