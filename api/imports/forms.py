"""What may come in to load files, and what is answered about them."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from api.fields import Answer, Codes, Form, Name, TerritoryCode

TABLES: Final = ("competencies", "people", "diagnostics", "activities")
STATES: Final = ("planned", "applied", "undone", "dropped")


class ImportForm(Form):
    """Beside the file: where it belongs and what it is."""

    territory: TerritoryCode
    table: Literal["competencies", "people", "diagnostics", "activities"]
    sheet: Name | None = Field(default=None, description="Один лист книги; без него – все видимые")


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
    faults: tuple[Cell, ...]
    ignored_columns: tuple[str, ...]


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
    sheets: tuple[Sheet, ...]


class WholeJob(Answer):
    """Long work in the background."""

    id: int
    kind: str
    state: Literal["queued", "running", "done", "failed"]
    done: int
    total: int
    seconds_left: float | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    result: dict[str, Any] | None
    error: str
