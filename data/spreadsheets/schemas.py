"""The tables that people send: their fields, the names a column may bear, and what a table must have."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from data.spreadsheets.cells import header_key

PERSON: Final[Mapping[str, tuple[str, ...]]] = {
    "external_id": ("ID педагога", "ID", "Код педагога", "Табельный номер"),
    "full_name": ("ФИО", "Фамилия Имя Отчество", "Педагог"),
    "surname": ("Фамилия",),
    "first_name": ("Имя",),
    "patronymic": ("Отчество",),
    "birth_date": ("Дата рождения",),
    "organisation": ("Организация", "ОО", "Образовательная организация", "Школа", "Место работы"),
}
"""The columns that tell who a row is about, in any table of people."""

_PEOPLE: Final[Mapping[str, tuple[str, ...]]] = {
    **PERSON,
    "kind": ("Категория работника",),
    "position": ("Должность",),
    "subjects": ("Предмет", "Предметы", "Преподаваемый предмет"),
    "municipality": ("Муниципалитет", "Район", "МО"),
    "work_started": ("Начало педагогической деятельности", "Дата начала работы"),
    "experience_years": ("Стаж", "Педагогический стаж"),
    "qualification": ("Квалификационная категория", "Категория"),
}
_DIAGNOSTICS: Final[Mapping[str, tuple[str, ...]]] = {
    **PERSON,
    "taken_on": ("Дата диагностики",),
    "stage": ("Этап",),
    "form": ("Форма",),
    "source": ("Источник",),
    "competency": ("Компетенция",),
    "percent": ("Процент",),
    "score": ("Балл",),
    "maximum": ("Максимум",),
    "level": ("Уровень",),
}
_ACTIVITIES: Final[Mapping[str, tuple[str, ...]]] = {
    "code": ("Код",),
    "kind": ("Тип",),
    "title": ("Название",),
    "provider": ("Организатор",),
    "provider_kind": ("Вид организатора",),
    "registers": ("Реестр",),
    "register_number": ("Номер в реестре",),
    "register_until": ("Действует до",),
    "hours": ("Часы",),
    "format": ("Форма обучения",),
    "network": ("Сетевая форма",),
    "starts": ("Дата начала",),
    "ends": ("Дата окончания",),
    "places": ("Мест",),
    "subjects": ("Предметы",),
    "audience": ("Категория слушателей",),
    "develops": ("Компетенции",),
    "requires": ("Требует",),
    "municipality": ("Муниципалитет",),
    "annotation": ("Аннотация",),
    "link": ("Ссылка",),
}
_MENTORS: Final[Mapping[str, tuple[str, ...]]] = {
    **PERSON,
    "places": ("Мест",),
    "strengths": ("Сильные компетенции",),
    "subjects": ("Предметы",),
    "formats": ("Формат",),
    "contest": ("Конкурсный отбор",),
    "consent": ("Согласие",),
}


@dataclass(frozen=True)
class Table:
    """One kind of table: names of columns by field (the first is printed in blank forms) and what it is known by.

    `required` are the columns that make a sheet this table, each as fields of which one suffices; any other column
    that a row needs and the file does not have is a fault of the row. `wide` tables may have a column for each
    competency, `least` is the number of known column names that make a row the header.
    """

    name: str
    title: str
    fields: Mapping[str, tuple[str, ...]]
    required: tuple[tuple[str, ...], ...]
    wide: bool = False
    least: int = 3


_WHO: Final = ("external_id", "full_name", "surname")

TABLES: Final[Mapping[str, Table]] = {
    table.name: table
    for table in (
        Table(
            "wishes",
            "пожелания и запреты пар",
            {"mentee": ("Кто",), "mentor": ("С кем",), "kind": ("Вид",)},
            required=(("mentee",), ("mentor",), ("kind",)),
        ),
        Table("mentors", "наставники", _MENTORS, required=(_WHO, ("consent", "strengths", "contest"))),
        Table(
            "competencies",
            "компетенции",
            {"code": ("Код",), "title": ("Название",), "area": ("Область",), "subject": ("Предмет",)},
            required=(("code",), ("title",), ("area",)),
        ),
        Table("activities", "мероприятия", _ACTIVITIES, required=(("kind", "hours"), ("title",))),
        Table(
            "diagnostics",
            "результаты диагностики",
            _DIAGNOSTICS,
            required=(_WHO,),
            wide=True,
        ),
        Table("people", "педагоги", _PEOPLE, required=(("full_name", "surname"),)),
    )
}
"""The tables that the service loads, in the order in which an unknown sheet is compared with them: the most
particular first, so that a sheet of mentors is never taken for one of people."""

COLUMN_NAMES: Final = frozenset(
    header_key(name) for table in TABLES.values() for names in table.fields.values() for name in names
)
"""All known column names as they are compared; the choice of a delimiter looks for them."""
