"""How the results of each column are scaled, and what must be asked about it before anything is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from data.reference.spellings import containing
from data.reference.words import compared
from data.spreadsheets.cells import Cell, shown_number
from data.spreadsheets.headers import Columns
from data.spreadsheets.measures import (
    PERCENT,
    SHARE,
    SHARE_BELOW_ONE,
    Measure,
    Values,
    doubt,
    maximum_in,
    out_of,
    together,
    values_of,
)
from data.spreadsheets.names import looks_russian
from data.spreadsheets.notices import Choices, ask
from data.spreadsheets.parting import Parted
from data.spreadsheets.plan import Notice, Option
from data.spreadsheets.sheets import Row

CODE: Final = "scale"
_PERCENT: Final = Option("percent", "проценты: читать как есть")
_SHARE: Final = Option("share", "доли: 0,85 – это 85 %")
_USUAL: Final = (5.0, 10.0, 20.0, 100.0)
_SENTENCES: Final = {
    "share": "Столбец «{column}»: все значения не больше 1. Это доли или проценты?",
    "mixed": "Столбец «{column}»: есть значения до 1 и рядом с ними проценты. То, что до 1, – доли или проценты?",
    "low": "Столбец «{column}»: все значения не больше {most}. Это проценты или баллы, и если баллы, то из скольких?",
    "above": "Столбец «{column}»: есть значения больше 100 (наибольшее {most}). Это баллы, и если да, то из скольких?",
    "points": "Столбец «{column}»: в названии сказано «баллы», а максимума нет. Из скольких эти баллы?",
    "beneath": "Столбец «{column}»: под данными стоит строка максимумов ({maximum}). Это максимум баллов, или в "
    "ячейках проценты?",
    "over": "Столбец «{column}»: максимум {maximum}, а есть значения до {most}. Что в ячейках?",
    "both": "Столбец «{column}»: в названии и проценты, и максимум {maximum}. Что в ячейках?",
}


def measures_of(columns: Columns, parted: Parted, choices: Choices) -> tuple[dict[int, Measure], list[Notice]]:
    """Return how each column of results is read where it holds no plain per cents, and what is told about it."""
    places = [place for _, place in columns.competencies]
    if not places and "percent" in columns.fields:
        places = [columns.fields["percent"]]
    values = {place: values_of(_column(parted.rows, place)) for place in places}
    everything = together(list(values.values()))
    found: dict[int, Measure] = {}
    notices: list[Notice] = []
    for place in places:
        column = _column_of(columns, place, parted, values[place])
        measure, notice = _scaled(column, choices) if column.maximum else _bare(column, everything, choices)
        if measure is not PERCENT:
            found[place] = measure
        notices += [notice] if notice else []
    score = columns.fields.get("score")
    if score is not None and "maximum" not in columns.fields:
        column = _column_of(columns, score, parted, Values())
        if column.maximum and not column.beneath:
            found[score] = out_of(column.maximum)
            notices.append(_told(column.name, column.maximum))
    return found, notices


def _column(rows: Sequence[Row], place: int) -> list[Cell]:
    return [cells[place] for _, cells in rows if place < len(cells)]


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of results: its name, what it holds, and a maximum if one is named; `beneath` the data it is unsure."""

    name: str
    own: str
    values: Values
    maximum: float | None
    beneath: bool


def _column_of(columns: Columns, place: int, parted: Parted, values: Values) -> _Column:
    heading = columns.header.headings[place]
    named = parted.maxima.get(place) or maximum_in(heading.upper, heading.lower)
    return _Column(heading.name, heading.own, values, named or parted.beneath.get(place), named is None)


def _scaled(column: _Column, choices: Choices) -> tuple[Measure, Notice | None]:
    """Return the measure of a column whose maximum is named; where that is in doubt a person is asked."""
    maximum = column.maximum or 100.0
    if maximum == 100 or not column.values.count:
        return PERCENT, None
    over = column.values.most > maximum
    reason = "beneath" if column.beneath else "both" if "%" in column.name else "over" if over else None
    if reason is not None:
        return _asked(reason, column.name, column.values, choices, maximum)
    return out_of(maximum), _told(column.name, maximum)


def _bare(column: _Column, everything: Values, choices: Choices) -> tuple[Measure, Notice | None]:
    """Return the measure of a column that names no maximum: per cents, unless its numbers look like something else."""
    name, values = column.name, column.values
    reason = doubt(values, everything)
    if reason is None and values.count and _says_points(column.own):
        reason = "points"
    if reason is not None:
        return _asked(reason, name, values, choices)
    if values.low is None:
        return PERCENT, _few_shares(name, values)
    message = f"Столбец «{name}»: все значения не больше {shown_number(values.low)}, прочитаны как проценты."
    return PERCENT, Notice("scale_low", message, column=name)


def _few_shares(column: str, values: Values) -> Notice | None:
    if not values.shares:
        return None
    message = f"Столбец «{column}»: значений меньше 1 – {values.shares}, прочитаны как проценты, а не доли."
    return Notice("scale_low", message, column=column)


def _says_points(heading: str) -> bool:
    return "%" not in heading and containing("points").search(compared(looks_russian(heading))) is not None


def _told(column: str, maximum: float) -> Notice:
    message = f"Столбец «{column}»: прочитаны баллы из {shown_number(maximum)} и пересчитаны в проценты."
    return Notice("scale_maximum", message, column=column)


def _asked(
    reason: str, column: str, values: Values, choices: Choices, maximum: float | None = None
) -> tuple[Measure, Notice]:
    shares = (_SHARE,) if reason in ("share", "mixed", "low") and values.low == 1.0 or reason == "mixed" else ()
    least = maximum or values.most
    points = [Option(_number(most), f"баллы из {shown_number(most)}") for most in _points(least, maximum, reason)]
    message = _SENTENCES[reason].format(
        column=column, most=shown_number(values.most), maximum=shown_number(maximum or 0)
    )
    notice, answer = ask(
        choices,
        CODE,
        message,
        kind="choice",
        options=(*shares, _PERCENT, *points),
        column=column,
        number=reason not in ("mixed", "both", "beneath"),
    )
    return _answered(answer, reason), notice


def _points(least: float, maximum: float | None, reason: str) -> Sequence[float]:
    if reason == "mixed":
        return ()
    return (maximum,) if maximum else tuple(most for most in _USUAL if most >= least and most != 100)


def _number(value: float) -> str:
    return f"{value:g}"


def _answered(answer: str | None, reason: str) -> Measure:
    if answer is None or answer == _PERCENT.value:
        return PERCENT
    if answer == _SHARE.value:
        return SHARE_BELOW_ONE if reason == "mixed" else SHARE
    return out_of(float(answer))
