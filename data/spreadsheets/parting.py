"""Rows under a header: which are data, and what is told of the rest (totals, titles of blocks, maxima, hidden rows)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from data.spreadsheets import apart
from data.spreadsheets.cells import Bad, Cell, header_key, number, shown
from data.spreadsheets.headers import Columns
from data.spreadsheets.names import is_school
from data.spreadsheets.notices import NO, Choices, ask
from data.spreadsheets.plan import Notice
from data.spreadsheets.sheets import Row, Sheet

MOST_TOLD: Final = 100
"""So many rows that are left out are told one by one, the rest as a number."""
SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Parted:
    """Rows that are data, what is told of the others, values of titles by line, and maxima by column.

    Maxima `beneath` the first row of data may as well be the greatest results.
    """

    rows: Sequence[Row]
    told: Sequence[Notice]
    blocks: Mapping[int, Mapping[str, str]]
    maxima: Mapping[int, float]
    beneath: Mapping[int, float]


def without_hidden(sheet: Sheet, rows: Sequence[Row], choices: Choices) -> tuple[Sequence[Row], list[Notice]]:
    """Tell about rows that a filter hides; they are left out after a «нет» only."""
    hidden = [line for line, _ in rows if line in sheet.hidden]
    if not hidden:
        return rows, []
    some = ", ".join(map(str, hidden[:SHOWN])) + (", …" if len(hidden) > SHOWN else "")
    message = f"Скрытых строк: {len(hidden)} (строки {some}). Прочитать их вместе с остальными?"
    notice, answer = ask(choices, "hidden_rows", message, line=hidden[0])
    return ([row for row in rows if row[0] not in sheet.hidden] if answer == NO else rows), [notice]


def part_rows(rows: Sequence[Row], columns: Columns) -> Parted:
    """Part the rows of a sheet; a title of a block speaks for the rows below it."""
    parting = _Parting(columns)
    for line, cells in rows:
        parting.take(line, cells)
    return parting.done()


class _Parting:
    """What is kept while the rows go by."""

    def __init__(self, columns: Columns) -> None:
        self.columns, self.layout = columns, _layout(columns)
        self.kept: list[Row] = []
        self.told: list[Notice] = []
        self.blocks: dict[int, Mapping[str, str]] = {}
        self.block: Mapping[str, str] = {}
        self.maxima: dict[int, float] = {}
        self.beneath: dict[int, float] = {}
        self.left = 0
        self.statistics = False

    def take(self, line: int, cells: tuple[Cell, ...]) -> None:
        kind = apart.kind_of(cells, self.layout)
        if kind is not None:
            self._leave_out(kind, line, cells)
            return
        self.kept.append((line, cells))
        if self.block:
            self.blocks[line] = self.block

    def _leave_out(self, kind: str, line: int, cells: tuple[Cell, ...]) -> None:
        self.left += 1
        if kind == "title":
            self.block = _block(self.block, cells, self.columns)
        elif kind == "maxima":
            (self.beneath if self.kept else self.maxima).update(_numbers(cells))
        self.statistics |= kind == "minimum"
        if self.left <= MOST_TOLD:
            self.told.append(Notice("row_left_out", apart.left_out(kind, line, cells), line))

    def done(self) -> Parted:
        if self.left > MOST_TOLD:
            message = f"Не читаются ещё {self.left - MOST_TOLD} строк: итоги, заголовки и подписи."
            self.told.append(Notice("rows_left_out", message))
        # Beside a row of minima a row of maxima is one of the greatest results, and says nothing about the scale.
        beneath = {} if self.statistics else self.beneath
        return Parted(self.kept, self.told, self.blocks, self.maxima, beneath)


def _layout(columns: Columns) -> apart.Layout:
    fields, table = columns.fields, columns.table
    return apart.Layout(
        tuple(
            frozenset(header_key(name) for name in (heading.own, heading.upper, heading.name) if name)
            for heading in columns.header.headings
        ),
        frozenset((*fields.values(), *(place for _, place in columns.competencies))),
        tuple(fields[name] for name in ("full_name", "surname") if name in fields),
        tuple(fields[name] for name in table.needed if name in fields),
        table.people,
        fields.get("external_id"),
    )


def _block(block: Mapping[str, str], cells: Sequence[Cell], columns: Columns) -> Mapping[str, str]:
    """Return what the title of a block says for the rows below it, where the table has no column for that."""
    title = next(shown(cell) for cell in cells if cell is not None)
    field = "organisation" if is_school(title) else "municipality"
    if field in columns.fields or field not in columns.table.fields:
        return block
    return {**(block if field == "organisation" else {}), field: title}


def _numbers(cells: Sequence[Cell]) -> dict[int, float]:
    read = {place: number(cell) for place, cell in enumerate(cells) if cell is not None}
    return {place: value for place, value in read.items() if not isinstance(value, Bad) and value > 0}
