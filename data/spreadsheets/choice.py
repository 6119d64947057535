"""Which sheets of a file are planned: those that hold the table, or the one a person chose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from data.spreadsheets.cells import key
from data.spreadsheets.headers import find_header, names_of, recognise
from data.spreadsheets.plan import RefusedFile
from data.spreadsheets.schemas import TABLES
from data.spreadsheets.sheets import Sheet
from recommender.framework import Framework


@dataclass(frozen=True, slots=True)
class Choice:
    """The sheets to be planned, in their order, and each one left out with the Russian reason."""

    sheets: tuple[Sheet, ...]
    skipped: tuple[tuple[str, str], ...] = ()


def choose_sheets(
    sheets: Sequence[Sheet],
    table: str,
    framework: Framework,
    *,
    only: str | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Choice:
    """Return the sheets of a table; raises RefusedFile where there is none, or none of the name that was asked for.

    A sheet without a header, without rows or with another table is skipped and named, unless it is the only one: then
    its planner refuses it with the sentence that says what to do.
    """
    if only is not None:
        chosen = tuple(sheet for sheet in sheets if sheet.title is not None and key(sheet.title) == key(only))
        if not chosen:
            titles = ", ".join(f"«{sheet.title}»" for sheet in sheets if sheet.title) or "нет ни одного"
            raise RefusedFile(f"Листа «{only}» в файле нет. Видимые листы: {titles}.")
        return Choice(chosen)
    if len(sheets) == 1:
        return Choice(tuple(sheets))
    reasons = [_reason(sheet, table, framework, mapping) for sheet in sheets]
    skipped = tuple((sheet.title or "", reason) for sheet, reason in zip(sheets, reasons, strict=True) if reason)
    if len(skipped) == len(sheets):
        told = "; ".join(f"лист «{title}» – {reason}" for title, reason in skipped)
        raise RefusedFile(f"В книге нет таблицы «{TABLES[table].title}»: {told}. Проверьте названия столбцов.")
    return Choice(tuple(sheet for sheet, reason in zip(sheets, reasons, strict=True) if not reason), skipped)


def _reason(sheet: Sheet, table: str, framework: Framework, mapping: Mapping[str, str] | None) -> str:
    """Return why a sheet is left out, or an empty text."""
    header = find_header(sheet, names_of(TABLES[table], framework, mapping))
    found = recognise(sheet, framework)
    if header is None and found is None:
        return "нет строки с названиями столбцов"
    if found not in (None, table) and not mapping:
        return f"другая таблица: {TABLES[found or table].title}"
    if header is not None and header.data >= len(sheet.rows):
        return "под заголовком нет строк"
    return "" if header is not None else "нет строки с названиями столбцов"
