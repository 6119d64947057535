"""A planned import as a value: what would be written and every fault, with its place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

RowT = TypeVar("RowT")


class RefusedFile(Exception):
    """The file as a whole cannot be read; the message is a Russian sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class CellFault:
    """One bad cell: the line of the file, the file's own header, the value, a code and a Russian sentence."""

    line: int
    column: str
    value: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Planned(Generic[RowT]):
    """One accepted row: `target` is the id of the record it changes (None: new), `changes` the fields that differ.

    A row with a target and without changes is unchanged.
    """

    line: int
    row: RowT
    target: int | None = None
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetPlan(Generic[RowT]):
    """The plan of one sheet (None for CSV).

    `accepted` and `unchanged` count rows of the file: an unchanged row is accepted and brings nothing new (known
    already, repeated, or not measured). `rows` are planned records: a wide row makes several, repeated rows make one,
    and long plans build them while they are walked through. `columns` pairs a header of the file with what it was
    taken for: a field, or the code of a competency; `header_rows` counts the rows of the sheet above
    the data, titles included, and the last `header_height` of them are the header.
    """

    sheet: str | None
    table: str
    accepted: int
    unchanged: int
    rows: Sequence[Planned[RowT]]
    faults: tuple[CellFault, ...]
    ignored_columns: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    header_rows: int = 1
    header_height: int = 1

    def summary(self) -> dict[str, Any]:
        """Return what `flask import --json` prints of this sheet."""
        return {
            "sheet": self.sheet,
            "accepted": self.accepted,
            "unchanged": self.unchanged,
            "faults": [
                {"line": f.line, "column": f.column, "value": f.value, "code": f.code, "message": f.message}
                for f in self.faults
            ],
            "ignored_columns": list(self.ignored_columns),
        }
