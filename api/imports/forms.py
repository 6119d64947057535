"""What may come in to load files, and what is answered about them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import Field

from api.fields import Answer, Codes, Form, Known, Name, PageSize, TerritoryCode
from api.paging import DEFAULT_LIMIT, NumberCursor

TABLES: Final = ("competencies", "people", "diagnostics", "activities", "mentors", "wishes")
STATES: Final = ("reading", "planned", "applied", "undone", "dropped")


def _state(text: str) -> str | None:
    return text if text in STATES else None


class ImportForm(Form):
    """Beside the file: where it belongs and what it is."""

    territory: TerritoryCode
    table: Literal["competencies", "people", "diagnostics", "activities", "mentors", "wishes"]
    sheet: Name | None = Field(default=None, description="Один лист книги; без него – все видимые")


class ImportsQuery(Form):
    """Which page of the imports of which territory."""

    territory: TerritoryCode
    state: Annotated[str, Known(_state, lambda: STATES, "состояния «{text}» нет; есть {known}")] | None = None
    limit: PageSize = DEFAULT_LIMIT
    cursor: NumberCursor | None = None


class Cell(Answer):
    """A faulty cell of the file."""

    line: int
    column: str
    value: str
    code: str
    message: str


class Sheet(Answer):
    """The plan of one sheet; the sheet of a CSV file has no name."""

    sheet: str | None
    accepted: int
    unchanged: int
    faults: Sequence[Cell]
    ignored_columns: Sequence[str]


class WholeImport(Answer):
    """An uploaded file: what is planned or was written."""

    id: int
    territory: str
    table: Annotated[str, Codes(TABLES)]
    sheet: str | None
    file_name: str
    state: Annotated[str, Codes(STATES)]
    created_at: datetime
    applied_at: datetime | None
    job_id: int | None
    sheets: Sequence[Sheet]
    skipped: Annotated[Sequence[str], Field(description="Листы без такой таблицы")]


class Imports(Answer):
    """A page of imports, newest first."""

    items: Sequence[WholeImport]
    next: str | None
