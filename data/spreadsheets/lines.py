"""One row of a table as its planner sees it: values by field, and a fault for each cell that cannot be taken."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeVar

from data.progress import Progress
from data.reference.words import code
from data.spreadsheets import cells as read
from data.spreadsheets.cells import Bad, Born, Cell
from data.spreadsheets.headers import Columns
from data.spreadsheets.plan import CellFault
from data.spreadsheets.sheets import Sheet

ValueT = TypeVar("ValueT")

TEXT_LIMIT: Final = 1_000
CODE_LIMIT: Final = 64
SHOWN_LIMIT: Final = 200
REPORTED: Final = 1_000
"""A planner tells about its progress after each so many rows."""


@dataclass(slots=True)
class Entry:
    """A row of the file. Reading a field returns None where the cell is blank or bad; a bad one adds a fault."""

    line: int
    cells: tuple[Cell, ...]
    columns: Columns
    mac_dates: bool = False
    faults: list[CellFault] = field(default_factory=list)

    def cell(self, field: str) -> Cell:
        """Return the cell of a field, None where the file has no such column or the cell is empty or a dash."""
        index = self.columns.fields.get(field)
        if index is None or index >= len(self.cells):
            return None
        cell = self.cells[index]
        return None if read.is_blank(cell) else cell

    def blame(self, field: str, code: str, message: str, value: Cell = None) -> None:
        """Add a fault of a field; the value is the cell's own unless another is given."""
        self.blame_column(self.columns.name(field), code, message, self.cell(field) if value is None else value)

    def blame_column(self, column: str, code: str, message: str, value: Cell) -> None:
        """Add a fault of a column by its name."""
        self.faults.append(CellFault(self.line, column, read.shown(value)[:SHOWN_LIMIT], code, message))

    def text(self, field: str, limit: int = TEXT_LIMIT) -> str | None:
        return self._read(field, lambda cell: read.text(cell, limit))

    def number(self, field: str, least: float, most: float | None = None) -> float | None:
        return self._read(field, lambda cell: read.bounded(cell, least, most))

    def whole(self, field: str, least: int, most: int | None = None) -> int | None:
        return self._read(field, lambda cell: read.whole(cell, least, most))

    def percent(self, field: str) -> float | None:
        return self._read(field, read.percent)

    def day(self, field: str) -> date | None:
        return self._read(field, lambda cell: read.day(cell, self.mac_dates))

    def born(self, field: str) -> Born | None:
        return self._read(field, lambda cell: read.born(cell, self.mac_dates))

    def word(self, field: str, group: str, called: str = "значения") -> str | None:
        """Return the code of a word from a closed list; another word is a fault («значения «…» нет в перечне»)."""
        text = self.text(field)
        found = None if text is None else code(group, text)
        if text is not None and found is None:
            self.blame(field, "unknown_word", f"{called} «{text[:SHOWN_LIMIT]}» нет в перечне")
        return found

    def words(self, field: str, group: str, separators: str = ";") -> tuple[str, ...] | None:
        """Return the codes of several words from a closed list, each once."""
        found: dict[str, None] = {}
        for part in self.parts(field, separators) or ():
            known = code(group, part)
            if known is None:
                self.blame(field, "unknown_word", f"значения «{part[:SHOWN_LIMIT]}» нет в перечне")
            else:
                found[known] = None
        return tuple(found) or None

    def yes(self, field: str) -> bool | None:
        """Return whether a cell says «да»; anything but «да» and «нет» is a fault."""
        text = self.text(field)
        if text is None or read.key(text) in ("да", "нет"):
            return None if text is None else read.key(text) == "да"
        self.blame(field, "unknown_word", f"значения «{text}» нет в перечне")
        return None

    def parts(self, field: str, separators: str = ";,", limit: int = TEXT_LIMIT) -> tuple[str, ...] | None:
        """Return the parts of a text between separators, each once and none empty; None where there is none."""
        text = self.text(field, limit)
        if text is None:
            return None
        for separator in separators[1:]:
            text = text.replace(separator, separators[0])
        found: dict[str, str] = {}
        for part in text.split(separators[0]):
            if part.strip() and not read.is_blank(part.strip()):
                found.setdefault(read.key(part), part.strip())
        return tuple(found.values()) or None

    def _read(self, field: str, reader: Callable[[Cell], ValueT | Bad]) -> ValueT | None:
        cell = self.cell(field)
        if cell is None:
            return None
        value = reader(cell)
        if isinstance(value, Bad):
            self.blame(field, value.code, value.message, cell)
            return None
        return value

    def need(self, field: str, value: object, code: str, message: str) -> None:
        """Add a fault if a required field is blank; one that is bad was blamed already."""
        if value is None and self.cell(field) is None:
            self.blame(field, code, message)


def entries(sheet: Sheet, columns: Columns, progress: Progress | None = None) -> Iterator[Entry]:
    """Yield the rows of data; in CSV a row with more values than columns has shifted ones and gets a fault."""
    first, total = columns.header.data, len(sheet.rows) - columns.header.data
    width = len(columns.header.headings) if sheet.delimiter else None
    for done in range(total):
        if progress is not None and done % REPORTED == 0:
            progress(done, total)
        line, cells = sheet.rows[first + done]
        entry = Entry(line, cells, columns, sheet.mac_dates)
        if width is not None and len(cells) > width:
            entry.blame_column(
                "", "extra_cells", "в строке больше значений, чем столбцов: проверьте кавычки", cells[width]
            )
        yield entry
    if progress is not None:
        progress(total, total)
