"""A sheet of a file as a value: cleaned cells under the line numbers that a person sees."""

from collections.abc import Sequence
from dataclasses import dataclass
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

    `merges` are the merged areas, `mac_dates` tells that bare serials of dates count from 1904.
    """

    title: str | None
    rows: tuple[Row, ...]
    merges: tuple[Merge, ...] = ()
    mac_dates: bool = False
    delimiter: str | None = None

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
