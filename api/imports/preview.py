"""What a person sees of a file before anything is written: which tables it holds, what is new, how columns are read."""

import hashlib
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import time
from typing import IO, Final
from uuid import uuid4

from api.errors import InvalidInput
from data.spreadsheets.cells import shown
from data.spreadsheets.headers import recognise
from data.spreadsheets.plan import RefusedFile
from data.spreadsheets.readers import read_file
from data.spreadsheets.schemas import TABLES
from data.spreadsheets.sheets import Sheet
from recommender.framework import Framework

ORDER: Final = ("competencies", "people", "activities", "diagnostics", "mentors", "wishes")
"""In which order the tables of one file are loaded: results are of people, activities develop
competencies, mentors and wishes are of people."""

LOOKED_AT: Final = 20
KEPT_SECONDS: Final = 24 * 3600
DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Recognised:
    """A readable file: names of the sheets by table, and of those in which no table was found."""

    tables: Mapping[str, tuple[str | None, ...]]
    unknown: tuple[str | None, ...]


def recognise_file(path: Path, file_name: str, framework: Framework) -> Recognised:
    """Tell which tables a file holds; one that cannot be read is refused."""
    try:
        found = [(sheet.title, _table_of(sheet, framework)) for sheet in read_file(path, file_name)]
    except RefusedFile as refusal:
        raise InvalidInput(str(refusal), field="file") from refusal
    tables = {table: tuple(title for title, own in found if own == table) for table in ORDER}
    known = {table: titles for table, titles in tables.items() if titles}
    return Recognised(known, tuple(title for title, own in found if own is None))


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


def column_choices(table: str, framework: Framework) -> list[tuple[str, str]]:
    """Return what a column may be taken for, as (meaning, how it is called): fields, then competencies where wide."""
    known = TABLES[table]
    fields = [(field, names[0]) for field, names in known.fields.items()]
    wide = [(one.code, f"{one.code} · {one.title}") for one in framework.competencies] if known.wide else []
    return fields + wide


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
