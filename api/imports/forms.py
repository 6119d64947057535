"""What may come in to load files, and what is answered about them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import Field

from api.fields import Answer, Code, Codes, Form, Known, Name, PageSize, TerritoryCode, Text
from api.paging import DEFAULT_LIMIT, NumberCursor
from models.imports import SheetSaid

TABLES: Final = (
    "competencies",
    "people",
    "diagnostics",
    "activities",
    "mentors",
    "wishes",
    "headcounts",
    "responses",
    "tasks",
)
STATES: Final = ("reading", "planned", "applying", "applied", "undone", "dropped")
MOST_ANSWERS: Final = 1_000


def _state(text: str) -> str | None:
    return text if text in STATES else None


class ImportForm(Form):
    """Beside the file: where it belongs and what it is."""

    territory: TerritoryCode
    table: Literal[
        "competencies", "people", "diagnostics", "activities", "mentors", "wishes", "headcounts", "responses", "tasks"
    ]
    sheet: Name | None = Field(default=None, description="Один лист книги; без него – все видимые")


class AnswersForm(Form):
    """Answers to the questions of a plan, and columns matched by hand."""

    answers: Annotated[dict[Name, Code], Field(max_length=MOST_ANSWERS)] = Field(
        default={},
        description="Ответ по вопросу: КОД или КОД:СТОЛБЕЦ – одно из значений options или, где number, число",
        examples=[{"scale:МАТ-1": "share"}],
    )
    mapping: Annotated[dict[Name, Text], Field(max_length=MOST_ANSWERS)] = Field(
        default={}, description="Столбец файла – поле таблицы или код компетенции; пустое – не читать"
    )


class ImportsQuery(Form):
    """Which page of the imports of which territory."""

    territory: TerritoryCode
    state: Annotated[str, Known(_state, lambda: STATES, "состояния «{text}» нет; есть {known}")] | None = None
    limit: PageSize = DEFAULT_LIMIT
    cursor: NumberCursor | None = None


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
    sheets: Sequence[SheetSaid]
    skipped: Annotated[Sequence[str], Field(description="Листы без такой таблицы")]


class Imports(Answer):
    """A page of imports, newest first."""

    items: Sequence[WholeImport]
    next: str | None
