"""Rejected rows as a file of the same shape, with a column that says what is wrong: to be corrected and sent again."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from data.spreadsheets.cells import DASHES, Bad, Cell, header_key, number, shown
from data.spreadsheets.plan import CellFault, SheetPlan
from data.spreadsheets.sheets import Sheet

ERROR_COLUMN: Final = "Ошибка"
SAFE_WORKBOOK: Final = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
"""Without these XlsxWriter makes a formula of any text that begins like one."""
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
_TITLE_LIMIT: Final = 31
_FORBIDDEN_IN_TITLES: Final = re.compile(r"[\[\]:*?/\\]")

Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class RejectedSheet:
    """What is above the data and the rejected rows; every value fits into JSON, dates are texts dd.mm.yyyy."""

    title: str | None
    delimiter: str | None
    header: tuple[tuple[Value, ...], ...]
    rows: tuple[tuple[Value, ...], ...]


def rejected_rows(sheet: Sheet, plan: SheetPlan[Any]) -> RejectedSheet:
    """Return the rejected rows of a sheet; a column «Ошибка» from an earlier round is filled anew."""
    wrong: dict[int, list[CellFault]] = {}
    for fault in plan.faults:
        wrong.setdefault(fault.line, []).append(fault)
    above, data = sheet.rows[: plan.header_rows], sheet.rows[plan.header_rows :]
    rejected = [(line, cells) for line, cells in data if line in wrong]
    width = max((len(cells) for _, cells in (*above, *rejected)), default=0)
    column = _error_column(above, width)
    names = len(above) - plan.header_height
    header = [_with(cells, column, ERROR_COLUMN if index == names else None) for index, (_, cells) in enumerate(above)]
    rows = [_with(cells, column, _told(wrong[line])) for line, cells in rejected]
    return RejectedSheet(sheet.title, sheet.delimiter, tuple(header), tuple(rows))


def write_rejected(sheets: Sequence[RejectedSheet], path: Path) -> None:
    """Write rejected rows as they came: a workbook with the same sheets, or CSV with the same delimiter."""
    if len(sheets) == 1 and sheets[0].title is None:
        _write_delimited(sheets[0], path)
        return
    with xlsxwriter.Workbook(str(path), dict(SAFE_WORKBOOK)) as book:
        for sheet, title in zip(sheets, _titles(sheets), strict=True):
            page = book.add_worksheet(title)
            for line, cells in enumerate((*sheet.header, *sheet.rows)):
                for column, cell in enumerate(cells):
                    write_cell(page, line, column, cell)


def _titles(sheets: Sequence[RejectedSheet]) -> list[str]:
    """Return titles that Excel allows: other programs write signs, lengths and twins that it refuses."""
    titles: dict[str, str] = {}
    for place, sheet in enumerate(sheets, start=1):
        title = _FORBIDDEN_IN_TITLES.sub(" ", sheet.title or "")[:_TITLE_LIMIT].strip(" '") or f"Лист {place}"
        if title.casefold() in titles or title.casefold() == "history":
            title = f"{title[: _TITLE_LIMIT - 6]} {place}"
        titles[title.casefold()] = title
    return list(titles.values())


def write_cell(page: Any, line: int, column: int, cell: Value) -> None:
    """Write one cell as what it is: a text never becomes a formula, a link or a number."""
    if isinstance(cell, str):
        page.write_string(line, column, cell)
    elif cell is not None:
        page.write_number(line, column, cell)


def delimited_text(cell: Value) -> str:
    """Return a cell for CSV; an apostrophe keeps a spreadsheet from taking a text for a formula."""
    text = shown(cell)
    harmless = text in DASHES or not isinstance(number(text), Bad)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) and not harmless else text


def _write_delimited(sheet: RejectedSheet, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, delimiter=sheet.delimiter or ";")
        for cells in (*sheet.header, *sheet.rows):
            writer.writerow([delimited_text(cell) for cell in cells])


def _error_column(above: Sequence[tuple[int, tuple[Cell, ...]]], width: int) -> int:
    for _, cells in above:
        for column, cell in enumerate(cells):
            if isinstance(cell, str) and header_key(cell) == header_key(ERROR_COLUMN):
                return column
    return width


def _with(cells: tuple[Cell, ...], column: int, value: str | None) -> tuple[Value, ...]:
    row: list[Value] = [_value(cell) for cell in cells]
    row += [None] * (column + 1 - len(row))
    row[column] = value
    return tuple(row)


def _value(cell: Cell) -> Value:
    if cell is None or isinstance(cell, str):
        return cell
    return cell if isinstance(cell, int | float) and not isinstance(cell, bool) else shown(cell)


def _told(faults: Sequence[CellFault]) -> str:
    return "; ".join(f"{fault.column}: {fault.message}" if fault.column else fault.message for fault in faults)
