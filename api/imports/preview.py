"""What a person sees of a file before anything is written: which tables it holds, what is new, how columns are read."""

import hashlib
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from time import time
from typing import IO, Final
from uuid import uuid4

from api.errors import InvalidInput
from data.spreadsheets.cells import shown
from data.spreadsheets.headers import Heading, Names, names_of, possible_headers, recognise
from data.spreadsheets.notices import COLUMN
from data.spreadsheets.plan import RefusedFile
from data.spreadsheets.readers import read_file
from data.spreadsheets.schemas import TABLES
from data.spreadsheets.sheets import Sheet
from models.imports import OptionSaid, SheetSaid, WarningSaid
from recommender.framework import Framework

ORDER: Final = (
    "competencies",
    "people",
    "activities",
    "tasks",
    "diagnostics",
    "responses",
    "mentors",
    "wishes",
    "headcounts",
)
"""In which order the tables of one file are loaded: results are of people, activities develop
competencies, mentors and wishes are of people."""

LOOKED_AT: Final = 20
KEPT_SECONDS: Final = 24 * 3600
DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Recognised:
    """A readable file: names of the sheets by table, and of those in which no table was found.

    `headers` are digests of what may be a header: people may have said before what such a file is.
    """

    tables: Mapping[str, tuple[str | None, ...]]
    unknown: tuple[str | None, ...]
    headers: frozenset[str]


def recognise_file(path: Path, file_name: str, framework: Framework) -> Recognised:
    """Tell which tables a file holds; one that cannot be read is refused."""
    try:
        sheets = read_file(path, file_name)
        found = [(sheet.title, _table_of(sheet, framework)) for sheet in sheets]
    except RefusedFile as refusal:
        raise InvalidInput(str(refusal), field="file") from refusal
    tables = {table: tuple(title for title, own in found if own == table) for table in ORDER}
    known = {table: titles for table, titles in tables.items() if titles}
    headers = frozenset(digest for sheet in sheets for digest in possible_headers(sheet))
    return Recognised(known, tuple(title for title, own in found if own is None), headers)


def _table_of(sheet: Sheet, framework: Framework) -> str | None:
    """Return the table of a sheet; one whose columns contradict each other is left to the mapping by hand."""
    try:
        return recognise(sheet, framework)
    except RefusedFile:
        return None


def headings_of(path: Path, file_name: str) -> tuple[str, ...]:
    """Return the names of the columns of a file that no table was recognised in: its fullest row near the top."""
    try:
        sheets = read_file(path, file_name)
    except RefusedFile:
        return ()
    rows = [[shown(cell) for cell in cells] for sheet in sheets for _, cells in islice(sheet.rows, LOOKED_AT)]
    fullest = max((sum(map(_is_name, row)), -place) for place, row in enumerate(rows)) if rows else (0, 0)
    return tuple(dict.fromkeys(text for text in rows[-fullest[1]] if text)) if fullest[0] else ()


def _is_name(text: str) -> bool:
    return bool(text) and not text.replace(",", "").replace(".", "").isdigit()


def suggested(headings: Sequence[str], table: str, framework: Framework) -> dict[str, str]:
    """Return what the columns of a refused file are likely to be, each meaning once."""
    names, found = names_of(TABLES[table], framework), dict[str, str]()
    for heading in headings:
        meaning = _likely(names, Heading(heading))
        if meaning and meaning not in found.values():
            found[heading] = meaning
    return found


def _likely(names: Names, heading: Heading) -> str | None:
    try:
        meaning, other, guess = names.meaning(heading), names.other(heading), names.guess(heading)
    except RefusedFile:
        return None
    return meaning or (other[0] if other else guess.meanings[0] if guess else None)


def column_choices(table: str, framework: Framework) -> list[tuple[str, str]]:
    """Return what a column may be taken for, as (meaning, how it is called): fields, then competencies where wide."""
    known = TABLES[table]
    fields = [(field, names[0]) for field, names in known.fields.items()]
    wide = [(one.code, f"{one.code} · {one.title}") for one in framework.competencies] if known.wide else []
    return fields + wide


GROUPS: Final = {
    "scale": "Столбцы, в которых, похоже, не проценты",
    "date_order": "Столбцы, в которых день и месяц не различить",
    "date_zone": "Столбцы со временем по UTC",
    "lookalikes": "Латинские буквы среди русских",
    "column": "Столбцы, названия которых почти узнаны",
    "hidden_rows": "Скрытые строки",
}
"""Headlines of questions that are asked about several columns at once."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about one column or the whole sheet, under the name that its answer bears."""

    name: str
    column: str | None
    message: str
    answer: str


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    """Questions with the same answers, to be answered together or one by one."""

    code: str
    number: bool
    options: Sequence[OptionSaid]
    asked: Sequence[Asked]

    @property
    def title(self) -> str:
        return self.asked[0].message if len(self.asked) == 1 else GROUPS[self.code]

    @property
    def common(self) -> str:
        """Return the one answer of all the questions, empty where they differ or one is open."""
        answers = {one.answer for one in self.asked}
        return answers.pop() if len(answers) == 1 else ""


def questions_of(sheets: Sequence[SheetSaid]) -> list[QuestionGroup]:
    """Return the questions of a plan, those with the same answers together."""
    groups: dict[tuple[str, bool, tuple[str, ...]], QuestionGroup] = {}
    for warned in (warned for sheet in sheets for warned in sheet["warnings"]):
        question = warned["question"]
        if question is None:
            continue
        code, number, options = question["code"], question["number"], question["options"]
        same = (code, number, tuple(option["value"] for option in options))
        name = f"{code}:{warned['column']}" if warned["column"] else code
        group = groups.get(same, QuestionGroup(code, number, options, ()))
        asked = Asked(name, warned["column"], warned["message"], question["answer"] or "")
        groups[same] = replace(group, asked=(*group.asked, asked))
    return list(groups.values())


def told(sheets: Sequence[SheetSaid]) -> list[WarningSaid]:
    """Return the warnings of a plan that ask nothing."""
    return [warned for sheet in sheets for warned in sheet["warnings"] if not warned["question"]]


def ignored_columns(sheets: Sequence[SheetSaid]) -> list[str]:
    """Return the columns that are not read and about which nothing is asked, each once."""
    asked = {warned["column"] for sheet in sheets for warned in sheet["warnings"] if warned["code"] == COLUMN}
    names = (name for sheet in sheets for name in sheet["ignored_columns"])
    return [name for name in dict.fromkeys(names) if name and name not in asked]


def store_upload(stream: IO[bytes], uploads: Path) -> str:
    """Keep an uploaded file under its digest, readable by the owner only, and return the digest."""
    uploads.mkdir(mode=0o700, parents=True, exist_ok=True)
    incoming = uploads / f"incoming-{uuid4().hex}"
    with incoming.open("wb") as target:
        shutil.copyfileobj(stream, target)
    incoming.chmod(0o600)
    with incoming.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256").hexdigest()
    incoming.replace(uploads / digest)
    return digest


def stored(digest: str, uploads: Path) -> Path:
    """Return a kept upload; a name that is no digest, or a file that is gone, is refused."""
    path = uploads / digest
    if not DIGEST.fullmatch(digest) or not path.exists():
        raise InvalidInput("Файл уже удалён. Выберите его ещё раз.", field="file")
    return path


def forget_old(uploads: Path, needed: Iterable[str]) -> None:
    """Remove uploads that nobody planned within a day: they may hold personal data."""
    kept, before = set(needed), time() - KEPT_SECONDS
    for path in uploads.glob("*") if uploads.exists() else ():
        if path.name not in kept and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
