"""Blank forms: the workbook that a person fills in, with the names that the readers know and lists to choose from."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import xlsxwriter

from data.reference.words import file_words
from data.spreadsheets.rejects import SAFE_WORKBOOK
from data.spreadsheets.schemas import TABLES, Table
from data.tables.mentors import FORMATS as MEETING_FORMATS
from data.tables.wishes import KINDS as WISHES
from recommender.framework import Framework

_ROWS_WITH_LISTS: Final = 5_000
_YES_NO: Final = ("да", "нет")
_OTHER_WORDS: Final[Mapping[tuple[str, str], Sequence[str]]] = {
    ("activities", "network"): _YES_NO,
    ("mentors", "contest"): _YES_NO,
    ("mentors", "consent"): _YES_NO,
    ("mentors", "formats"): tuple(MEETING_FORMATS),
    ("wishes", "kind"): tuple(WISHES),
}
_LISTS: Final[Mapping[str, Mapping[str, str]]] = {
    "people": {"kind": "person_kind", "qualification": "qualification"},
    "diagnostics": {"stage": "stage", "form": "form"},
    "activities": {"kind": "activity_kind", "provider_kind": "provider_kind", "format": "format"},
}
"""Which fields of a table hold one word of a closed list."""
_DATES: Final = frozenset({"birth_date", "work_started", "taken_on", "register_until", "starts", "ends"})
_HINTS: Final[Mapping[str, str]] = {
    "external_id": "код без повторов в регионе; можно не заполнять, тогда педагог ищется по ФИО и организации",
    "full_name": "фамилия, имя и отчество одним столбцом",
    "birth_date": "дд.мм.гггг или год",
    "subjects": "несколько – через точку с запятой",
    "experience_years": "полных лет",
    "percent": "от 0 до 100; «н/п», тире или пусто – не измерялось",
    "score": "вместо процента: балл вместе с максимумом",
    "level": "вместо процента: название уровня шкалы",
    "competency": "код или точное название",
    "develops": "коды через точку с запятой, вес после знака равно: МЕТ-1; ЦИФ-3=0,5",
    "registers": "ФР ДПП, РР ДПП или нет; несколько – через точку с запятой",
    "audience": "педагог, управленец, молодой педагог, команда; несколько – через точку с запятой",
    "requires": "коды мероприятий, которые надо пройти раньше",
    "hours": "целое число; программе ПК не меньше 16, программе ПП не меньше 250",
    "network": "да или нет",
    "starts": "несколько групп – несколько строк с одним кодом",
    "annotation": "не длиннее 4000 знаков",
    "places": "целое число; пусто – столько, сколько принято в регионе",
    "strengths": "коды через точку с запятой; пусто – по результатам диагностики",
    "consent": "без «да» наставник не участвует в подборе",
    "mentee": "педагог: код или ФИО",
    "mentor": "наставник: код или ФИО",
}
_JOINED: Final = ("surname", "first_name", "patronymic")
_LONG: Final = ("competency", "percent", "score", "maximum", "level")


def write_blank(table: str, path: Path, wide: Framework | None = None) -> None:
    """Write the blank form of a table; `wide` makes it one with a column for each competency of the framework."""
    form = TABLES[table]
    fields = [name for name in form.fields if name not in _JOINED and not (wide and name in _LONG)]
    with xlsxwriter.Workbook(str(path), dict(SAFE_WORKBOOK)) as book:
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "dd.mm.yyyy"})
        page = book.add_worksheet(form.title.capitalize())
        for column, field in enumerate(fields):
            page.write_string(0, column, form.fields[field][0], bold)
            page.set_column(column, column, 22, day if field in _DATES else None)
            _offer_words(page, column, _words(table, field))
        for column, competency in enumerate(wide.competencies if wide else (), start=len(fields)):
            page.write_string(0, column, competency.code, bold)
        page.freeze_panes(1, 0)
        _write_hints(book.add_worksheet("Как заполнять"), form, fields, table)


def _words(table: str, field: str) -> Sequence[str]:
    group = _LISTS.get(table, {}).get(field)
    return file_words(group) if group else _OTHER_WORDS.get((table, field), ())


def _offer_words(page: xlsxwriter.worksheet.Worksheet, column: int, words: Sequence[str]) -> None:
    # A list written into a rule may have 255 characters; longer ones stand on the sheet of hints only.
    if words and len(",".join(words)) <= 255:
        page.data_validation(1, column, _ROWS_WITH_LISTS, column, {"validate": "list", "source": list(words)})


def _write_hints(page: xlsxwriter.worksheet.Worksheet, form: Table, fields: Sequence[str], table: str) -> None:
    required = {field for alternatives in form.required for field in alternatives[:1]}
    page.set_column(0, 0, 34)
    page.set_column(1, 1, 90)
    for line, field in enumerate(fields):
        words = ", ".join(_words(table, field))
        told = (("обязательно" if field in required else ""), _HINTS.get(field, ""), words)
        page.write_string(line, 0, form.fields[field][0])
        page.write_string(line, 1, "; ".join(part for part in told if part))
