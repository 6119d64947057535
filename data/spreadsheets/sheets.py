"""A sheet of a file as a value: cleaned cells under the line numbers that a person sees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from data.spreadsheets.cells import Cell

MOST_ROWS: Final = 200_000
MOST_COLUMNS: Final = 500

Row = tuple[int, tuple[Cell, ...]]
"""The line of the file, counted from 1, and the cells without empty ones at the end; a row is never all empty."""


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged area; all four bounds are inclusive, lines counted from 1 and columns from 0."""

    first_line: int
    last_line: int
    first_column: int
    last_column: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One visible sheet of a workbook, or a CSV file (`title` is None and `delimiter` says how it was written).

    `merges` are the merged areas, `mac_dates` tells that bare serials of dates count from 1904. `hidden` are lines that
    a filter hides, `strays` are cells too far to the right to be of a table, as sentences name them. `encoding` is that
    of a text, `written` the number of fields of a line where blank ones at its end were left off.
    """

    title: str | None
    rows: tuple[Row, ...]
    merges: tuple[Merge, ...] = ()
    mac_dates: bool = False
    delimiter: str | None = None
    hidden: frozenset[int] = frozenset()
    strays: tuple[str, ...] = ()
    encoding: str | None = None
    written: Mapping[int, int] = field(default_factory=dict)

    @property
    def named(self) -> str:
        """Return how a sentence calls the sheet."""
        return "файл" if self.title is None else f"лист «{self.title}»"


def trimmed(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Return cells without the empty ones at the end."""
    end = len(cells)
    while end and cells[end - 1] is None:
        end -= 1
    return tuple(cells[:end])
