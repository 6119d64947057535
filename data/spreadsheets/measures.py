"""In which unit a column of results is written: per cents, shares of one, or points out of a maximum."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from data.spreadsheets.cells import Bad, Cell, bounded, number, shown_number

_MAXIMUM: Final = re.compile(
    r"(?<!\w)(?:макс\w*\.?(?:\s+(?:балл\w*|оценка))?|max\w*\.?(?:\s+score)?|из|out of)"
    r"\s*[:=–-]?\s*(\d+(?:[.,]\d+)?)(?![\d%])",
    re.IGNORECASE,
)
_STROKE: Final = re.compile(r"/\s*(\d+(?:[.,]\d+)?)\s*\)?$")
_FRACTION: Final = re.compile(
    r"(\d+(?:[.,]\d+)?)\s*(?:/|из|out of)\s*(\d+(?:[.,]\d+)?)(?:\s*(?:б\.?|балл\w*))?", re.IGNORECASE
)
LOW: Final = (1.0, 5.0, 10.0)
"""The greatest values of usual scales; a column of per cents that stays below one of them was likely written in it."""
ENOUGH: Final = 4
"""So many measured values of a column, none of them above 10, are no chance."""
FEW: Final = 3
"""So many values of all columns together are no chance either."""
MIXED: Final = 0.2
ABOVE: Final = 0.05
"""Which part of a column above 100 is more than slips of the pen."""


@dataclass(frozen=True, slots=True)
class Measure:
    """How the bare numbers of a column are read: times `factor`, where not above `limit`; points have a maximum."""

    factor: float = 1.0
    limit: float = math.inf
    maximum: float | None = None


PERCENT: Final = Measure()
SHARE: Final = Measure(100.0)
SHARE_BELOW_ONE: Final = Measure(100.0, 1.0)
"""In a column of both, what is above 1 can be no share."""


def out_of(maximum: float) -> Measure:
    """Return the measure of points out of a maximum."""
    return Measure(100.0 / maximum, maximum=maximum)


def maximum_in(*names: str) -> float | None:
    """Return the maximum that a heading names («макс. 20», «/10,00», «из 20»), the last of its names first."""
    for name in reversed(names):
        match = _MAXIMUM.search(name) or _STROKE.search(name)
        if match and (value := float(match[1].replace(",", "."))) > 0:
            return value
    return None


def fraction(cell: Cell) -> tuple[float, float] | None:
    """Return the score and the maximum of a cell like «17 / 25» or «17 из 25»."""
    match = _FRACTION.fullmatch(cell) if isinstance(cell, str) else None
    if match is None:
        return None
    score, maximum = (float(part.replace(",", ".")) for part in match.groups())
    return score, maximum


@dataclass(frozen=True, slots=True)
class Values:
    """What a column holds beside blanks: how many numbers are not zero, the greatest, and some counts."""

    count: int = 0
    most: float = 0.0
    shares: int = 0
    above: int = 0
    signed: int = 0

    @property
    def low(self) -> float | None:
        """Return the usual scale in which the column stays, None if its numbers go beyond all of them."""
        return next((bound for bound in LOW if 0 < self.most <= bound), None)


def values_of(cells: Iterable[Cell]) -> Values:
    """Count the numbers of a column. Zero is zero in every scale and says nothing."""
    count = shares = above = signed = 0
    most = 0.0
    for cell in cells:
        if type(cell) is str:
            if cell.endswith("%"):
                signed += 1
                continue
            read = number(cell)
            if isinstance(read, Bad):
                continue
            value = read
        elif type(cell) is int or type(cell) is float:
            value = cell
        else:
            continue
        if value > 0:
            count += 1
            shares += value < 1
            above += value > 100
            if value > most:
                most = value
    return Values(count, most, shares, above, signed)


def doubt(values: Values, everything: Values) -> str | None:
    """Return why the numbers of a column may be no per cents, None if there is no reason: a code of the sentences.

    `everything` are the values of all columns together: three low values in all are no chance, where one is.
    """
    low = values.low
    if values.signed and (values.shares or low == 1.0):
        return "mixed"
    if low == 1.0:
        return "share"
    if low and (values.count >= ENOUGH or (everything.low and everything.count >= FEW)):
        return "low"
    if values.shares > 1 and values.shares >= MIXED * values.count:
        return "mixed"
    if values.above and values.above >= ABOVE * values.count:
        return "above"
    return None


def together(columns: Sequence[Values]) -> Values:
    """Return what all columns hold."""
    return Values(
        sum(one.count for one in columns),
        max((one.most for one in columns), default=0.0),
        sum(one.shares for one in columns),
        sum(one.above for one in columns),
        sum(one.signed for one in columns),
    )


Result = tuple[float, float | None, float | None]
"""A per cent, and the score and maximum where it came from them."""


def read_result(cell: Cell, measure: Measure = PERCENT) -> Result | Bad:
    """Return the result that a cell holds under the measure of its column; «85%» and «17 / 25» say their own."""
    if isinstance(cell, str) and cell.endswith("%") and len(cell) > 1:
        value = bounded(cell[:-1].rstrip(), 0, 100)
        if isinstance(value, Bad):
            return Bad("not_number", f"«{cell}» не число") if value.code == "not_number" else value
        return value, None, None
    if (parts := fraction(cell)) is not None:
        return scored(*parts)
    value = number(cell)
    if isinstance(value, Bad):
        return value
    if measure.maximum is not None:
        return scored(value, measure.maximum)
    factor = measure.factor if value <= measure.limit else 1.0
    most = 100.0 / factor
    value = bounded(value, 0, most)
    return value if isinstance(value, Bad) else (round(value * factor, 10) if factor != 1.0 else value, None, None)


def scored(score: float, maximum: float) -> Result | Bad:
    """Return the per cent of a score with both of its numbers."""
    if maximum <= 0:
        return Bad("maximum_not_positive", "максимум должен быть больше нуля")
    if score < 0:
        return Bad("too_small", f"{shown_number(score)} меньше 0")
    if score > maximum:
        return Bad("score_over_maximum", "балл больше максимума")
    return 100 * score / maximum, score, maximum
