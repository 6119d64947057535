"""Safe reading of the files that people send: what a file is, not what its name says, decides."""

from pathlib import Path, PurePath
from typing import Final

from data.spreadsheets.delimited import read_delimited
from data.spreadsheets.plan import RefusedFile
from data.spreadsheets.sheets import Sheet
from data.spreadsheets.workbooks import read_workbook

MOST_BYTES: Final = 200 * 1024 * 1024
TEXT_NAMES: Final = frozenset({".csv", ".txt", ".tsv"})
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_MARKUP: Final = (b"<!doctype", b"<html", b"<?xml", b"<table", b"{\\rtf", b"%pdf-")


def read_file(path: Path, file_name: str) -> tuple[Sheet, ...]:
    """Return the visible sheets of an XLSX or CSV file; `file_name` is the name under which a person sent it.

    Raises RefusedFile with a Russian sentence when the file as a whole cannot be read: it is empty, encrypted, an old
    binary workbook, a bomb, brings a DOCTYPE, or is another format than its name says.
    """
    size = path.stat().st_size
    if size == 0:
        raise RefusedFile("Файл пустой: выберите файл с таблицей.")
    if size > MOST_BYTES:
        raise RefusedFile(f"Файл больше {MOST_BYTES >> 20} МБ: разделите таблицу на части.")
    with path.open("rb") as stream:
        start = stream.read(1024)
    suffix = PurePath(file_name).suffix.lower()
    _refuse_old_workbook(path, start)
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        _refuse_unless(suffix == ".xlsx", f"Файл назван «{suffix or 'без расширения'}», а внутри архив или книга Excel")
        return read_workbook(path)
    _refuse_unless(suffix != ".xlsx", "Файл назван .xlsx, но это не книга Excel")
    _refuse_unless(
        suffix in TEXT_NAMES,
        f"Файл с расширением «{suffix}» не читается" if suffix else "Файл без расширения не читается",
    )
    _refuse_unless(not start.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP), "Это не таблица CSV")
    return (read_delimited(path),)


def _refuse_unless(condition: bool, sentence: str) -> None:
    if not condition:
        raise RefusedFile(f"{sentence}: откройте файл в Excel и сохраните как «Книга Excel (.xlsx)» или CSV.")


def _refuse_old_workbook(path: Path, start: bytes) -> None:
    if not start.startswith(_OLE):
        return
    if _OLE_ENCRYPTED in path.read_bytes():
        raise RefusedFile("Файл закрыт паролем: снимите пароль в Excel и сохраните книгу ещё раз.")
    raise RefusedFile("Это старый двоичный формат Excel (.xls): откройте его и сохраните как «Книга Excel (.xlsx)».")
