"""A sheet opened as a table: its columns, the rows that are data, how each column is to be read, and what is asked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from openpyxl.utils.cell import get_column_letter

from data.spreadsheets import doubts
from data.spreadsheets.cells import Cell, shown
from data.spreadsheets.encodings import NAMES as ENCODINGS
from data.spreadsheets.headers import Columns, columns_of, header_digest, names_of
from data.spreadsheets.measures import Measure
from data.spreadsheets.merged import across, address, fill_down
from data.spreadsheets.notices import COLUMN, SKIP, Choices, ask
from data.spreadsheets.parting import Parted, part_rows, without_hidden
from data.spreadsheets.plan import CellFault, Notice, Option, Planned, RowT, SheetPlan
from data.spreadsheets.scaling import measures_of
from data.spreadsheets.schemas import TABLES
from data.spreadsheets.sheets import Merge, Row, Sheet
from recommender.framework import Framework

SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A fault of a row that is seen before its cells are read."""

    column: str
    code: str
    message: str
    value: Cell = None


@dataclass(frozen=True, slots=True)
class Reading:
    """How cells are read where the column says more than the cell, by index of the column."""

    measures: Mapping[int, Measure] = field(default_factory=dict)
    month_first: frozenset[int] = frozenset()
    next_day: frozenset[int] = frozenset()
    russian: frozenset[int] = frozenset()
    mac_dates: bool = False


@dataclass(frozen=True)
class Opened:
    """A sheet ready to be planned.

    `blocks` are values that a title above the rows says for them, by line; `misplaced` are faults by line.
    """

    sheet: Sheet
    columns: Columns
    rows: Sequence[Row]
    notices: tuple[Notice, ...]
    left_out: int
    reading: Reading
    blocks: Mapping[int, Mapping[str, str]]
    misplaced: Mapping[int, Sequence[Misplaced]]

    def planned(
        self,
        accepted: int,
        unchanged: int,
        rows: Sequence[Planned[RowT]],
        faults: Iterable[CellFault],
        notices: Iterable[Notice] = (),
    ) -> SheetPlan[RowT]:
        """Return the plan of this sheet; faults of one line stay in the order in which they were found."""
        columns = self.columns
        return SheetPlan(
            sheet=self.sheet.title,
            table=columns.table.name,
            accepted=accepted,
            unchanged=unchanged,
            rows=rows,
            faults=tuple(sorted(faults, key=lambda fault: fault.line)),
            ignored_columns=columns.ignored,
            columns=columns.taken,
            header_rows=columns.header.data,
            header_height=columns.header.height,
            notices=(*self.notices, *notices),
            left_out=self.left_out,
            header=header_digest(self.sheet, columns.header.data - columns.header.height, columns.header.height),
        )


def open_sheet(sheet: Sheet, table: str, choices: Choices | None, framework: Framework | None = None) -> Opened:
    """Return a sheet as a table; raises RefusedFile where it cannot be one."""
    choices = choices or Choices()
    columns = columns_of(sheet, names_of(TABLES[table], framework, choices.columns))
    rows = fill_down(sheet.rows[columns.header.data :], _below(sheet, columns))
    seen, hidden = without_hidden(sheet, rows, choices)
    parted = part_rows(seen, columns)
    reading, asked = _reading(sheet, columns, parted, choices)
    told = (*_about_columns(columns, choices), *_about_sheet(sheet, columns, parted.rows))
    misplaced = _misplaced(sheet, columns, parted.rows)
    notices = (*hidden, *parted.told, *asked, *told)
    left_out = len(rows) - len(parted.rows)
    return Opened(sheet, columns, parted.rows, notices, left_out, reading, parted.blocks, misplaced)


def _reading(sheet: Sheet, columns: Columns, parted: Parted, choices: Choices) -> tuple[Reading, list[Notice]]:
    measures, scales = measures_of(columns, parted, choices)
    month_first, orders = doubts.month_first(columns, parted.rows, choices)
    next_day, zones = doubts.next_day(columns, parted.rows, choices)
    russian, alike = doubts.russian(columns, parted.rows, choices)
    reading = Reading(measures, month_first, next_day, russian, sheet.mac_dates)
    return reading, [*scales, *orders, *zones, *alike]


def _below(sheet: Sheet, columns: Columns) -> Sequence[Merge]:
    line = sheet.rows[columns.header.data - 1][0]
    return [merge for merge in sheet.merges if merge.first_line > line]


def _about_columns(columns: Columns, choices: Choices) -> Iterator[Notice]:
    """Yield what is told about columns that were read by a near name, and asked about those that were not."""
    for place, guess in columns.guessed.items():
        name = columns.header.headings[place].name
        if guess.sure:
            meaning = columns.called(guess.meanings[0])
            yield Notice("column_read", f"Столбец «{name}» прочитан как «{meaning}»: {guess.why}.", column=name)
        else:
            options = (*(Option(one, columns.called(one)) for one in guess.meanings), Option(SKIP, "не читать"))
            message = f"Столбец «{name}» не читается: {guess.why}. Что в нём?"
            yield ask(choices, COLUMN, message, kind="mapping", options=options, column=name)[0]


def _about_sheet(sheet: Sheet, columns: Columns, rows: Sequence[Row]) -> Iterator[Notice]:
    if sheet.encoding in ENCODINGS and sheet.encoding != "cp1251":
        message = f"Файл прочитан в кодировке {ENCODINGS[sheet.encoding]}: проверьте, что русские буквы верны."
        yield Notice("encoding", message)
    width = len(columns.header.headings)
    outside = [] if sheet.delimiter else list(islice(_outside(rows, width), SHOWN))
    if outside or sheet.strays:
        places = ", ".join([*outside, *sheet.strays][:SHOWN])
        yield Notice("outside", f"Вне столбцов таблицы есть записи, они не читаются: {places}.")


def _outside(rows: Sequence[Row], width: int) -> Iterator[str]:
    for line, cells in rows:
        if len(cells) > width:
            for place in range(width, len(cells)):
                if cells[place] is not None:
                    yield f"{get_column_letter(place + 1)}{line} «{shown(cells[place])[:40]}»"


def _misplaced(sheet: Sheet, columns: Columns, rows: Sequence[Row]) -> dict[int, list[Misplaced]]:
    """Return faults of rows whose cells are not where they seem: shifted values, and merges across columns."""
    found: dict[int, list[Misplaced]] = {}
    for line, value in _shifted(sheet, columns, rows):
        message = "в строке больше значений, чем столбцов: проверьте кавычки и десятичные запятые"
        found.setdefault(line, []).append(Misplaced("", "extra_cells", message, value))
    known = frozenset((*columns.fields.values(), *(place for _, place in columns.competencies)))
    for line, merge in across(rows, _below(sheet, columns), known).items():
        column = (
            columns.header.headings[merge.first_column].name
            if merge.first_column < len(columns.header.headings)
            else ""
        )
        message = f"ячейки {address(merge)} объединены, и что к какому столбцу относится, не видно: разъедините их"
        found.setdefault(line, []).append(Misplaced(column, "merged_across", message))
    return found


def _shifted(sheet: Sheet, columns: Columns, rows: Sequence[Row]) -> Iterator[tuple[int, Cell]]:
    """Yield the lines of CSV with more values than columns; behind a comma a blank last one counts too."""
    if sheet.delimiter is None:
        return
    line = sheet.rows[columns.header.data - 1][0]
    width = max(len(columns.header.headings), sheet.written.get(line, 0))
    for line, cells in rows:
        if len(cells) > len(columns.header.headings):
            yield line, cells[len(columns.header.headings)]
        elif sheet.written.get(line, 0) > width:
            yield line, None
