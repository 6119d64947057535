"""A planned import as a value: what would be written and every fault, with its place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, Literal, TypeVar

RowT = TypeVar("RowT")
Kind = Literal["yes_no", "choice", "mapping"]
_YES_NO: Final = {"да": "yes", "нет": "no"}


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
class Option:
    """One answer that a question has, and how people read it."""

    value: str
    title: str


@dataclass(frozen=True, slots=True)
class Question:
    """What must be answered before a plan is applied; with `number` any positive number is an answer too."""

    code: str
    kind: Kind
    options: tuple[Option, ...]
    answer: str | None = None
    number: bool = False

    def read(self, text: str) -> str | None:
        """Return an answer as it is kept, None where the question has no such answer."""
        if self.kind == "yes_no":
            text = _YES_NO.get(text.strip().lower(), text)
        if any(option.value == text for option in self.options):
            return text
        plain = text.replace(",", ".")
        is_number = self.number and plain.replace(".", "", 1).isdecimal() and plain.isascii() and float(plain) > 0
        return plain if is_number else None


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning of a plan: its place (None for the whole sheet), a code, a Russian sentence and perhaps a question."""

    code: str
    message: str
    line: int | None = None
    column: str | None = None
    question: Question | None = None

    @property
    def open(self) -> bool:
        """Tell whether an answer is still awaited."""
        return self.question is not None and self.question.answer is None


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
    the data, titles included, and the last `header_height` of them are the header. `left_out` counts rows under the
    header that are no data (totals, numbering, hidden ones after a «нет»); `header` is the digest by which the same
    form is found again.
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
    notices: tuple[Notice, ...] = ()
    left_out: int = 0
    header: str = ""
