"""Merged cells below the header: downwards they hold for all of their rows, across columns they are a fault."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from openpyxl.utils.cell import get_column_letter

from data.spreadsheets.cells import Cell
from data.spreadsheets.plan import RefusedFile
from data.spreadsheets.sheets import Merge, Row

MOST_COVERED: Final = 1_000_000
"""Merged areas of a table do not lie upon one another: they cover no more rows than it has cells."""


def fill_down(rows: Sequence[Row], merges: Sequence[Merge]) -> Sequence[Row]:
    """Return the rows with the value of each merged cell in all rows that it covers."""
    down = [merge for merge in merges if merge.last_line > merge.first_line]
    if not down or not rows:
        return rows
    lines = [line for line, _ in rows]
    filled = list(rows)
    for merge, places in _covered(down, lines):
        top = places[0] if places and lines[places[0]] == merge.first_line else None
        value = None if top is None else cell_at(filled[top][1], merge.first_column)
        if value is not None:
            for place in places[1:]:
                filled[place] = (lines[place], _with(filled[place][1], merge.first_column, value))
    return filled


def _covered(merges: Sequence[Merge], lines: Sequence[int]) -> Iterator[tuple[Merge, range]]:
    """Yield merges with the rows that they cover; a file of areas that lie upon one another is refused."""
    total = 0
    for merge in merges:
        places = range(bisect_left(lines, merge.first_line), bisect_right(lines, merge.last_line))
        total += len(places)
        if total > MOST_COVERED:
            raise RefusedFile("В файле слишком много объединённых ячеек: разъедините их и загрузите ещё раз.")
        yield merge, places


def cell_at(cells: Sequence[Cell], column: int) -> Cell:
    """Return a cell of a row, None beyond its end."""
    return cells[column] if column < len(cells) else None


def _with(cells: tuple[Cell, ...], column: int, value: Cell) -> tuple[Cell, ...]:
    if cell_at(cells, column) is not None:
        return cells
    longer = [*cells, *([None] * (column + 1 - len(cells)))]
    longer[column] = value
    return tuple(longer)


def across(rows: Sequence[Row], merges: Sequence[Merge], known: frozenset[int]) -> Mapping[int, Merge]:
    """Return merged cells that hide a known column, by each line that they cover.

    A merge is harmless where its value stands in the only known column that it covers, or where it has none.
    """
    found: dict[int, Merge] = {}
    wide = [merge for merge in merges if merge.last_column > merge.first_column]
    if not wide:
        return found
    lines, cells = [line for line, _ in rows], dict(rows)
    for merge, places in _covered(wide, lines):
        covered = [column for column in range(merge.first_column, merge.last_column + 1) if column in known]
        value = cell_at(cells.get(merge.first_line, ()), merge.first_column)
        if value is not None and covered and covered != [merge.first_column]:
            found.update({lines[place]: merge for place in places})
    return found


def address(merge: Merge) -> str:
    """Return how a spreadsheet calls a merged area: B5:C6."""
    first, last = get_column_letter(merge.first_column + 1), get_column_letter(merge.last_column + 1)
    return f"{first}{merge.first_line}:{last}{merge.last_line}"
