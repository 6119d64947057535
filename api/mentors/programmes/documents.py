"""The personal programme of a pair as DOCX."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from docx.document import Document as Docx
from docx.shared import Mm

from api import audit
from api.access import Access, verb
from api.errors import NotFound
from api.exports import add_footer, add_table, as_docx, new_docx, shade_cell, write_cell, write_run
from api.mentors import labels
from api.mentors.documents import LINE, centred, landscape, person_line
from api.mentors.pairs.operations import two_of
from api.mentors.programmes.answers import ProgrammeMeasure, WholeProgramme
from api.mentors.programmes.serializers import programme_answer
from api.policy import Action
from api.rendering import capital, dmy, percent, share
from data.reference.loading import load_territory
from models.accounts import demo_accounts
from models.pairs import PairRecord
from models.people import PersonRecord
from models.programmes import measures_of, programme_of
from models.session import Session
from recommender.territory import Territory

PLAN_HEADER: Final = ("№", "Мероприятие", "Чему служит", "Ожидаемый результат", "Отметка о выполнении")
PLAN_WIDTHS: Final = (9, 92, 60, 72, 38)


@dataclass(frozen=True, slots=True)
class Two:
    """The two of a pair and what a document says of the pair itself."""

    pair: PairRecord
    mentee: PersonRecord
    mentor: PersonRecord
    territory: Territory
    demo: bool


@verb(Action.PAIR_READ)
def programme_document(session: Session, access: Access, pair: PairRecord, *, on: date) -> bytes:
    """Return the programme of a pair as a document, and note that it was read."""
    programme = programme_of(session, pair.id)
    if programme is None:
        raise NotFound("Программы у этой пары пока нет.")
    people = two_of(session, access, pair)
    sight = access.sight(*(person.place for person in people.values()))
    territory, demo = load_territory(pair.territory), bool(demo_accounts(session))
    two = Two(pair, people[pair.mentee_id], people[pair.mentor_id], territory, demo)
    titles = labels.titles_of(session, pair.territory)
    audit.record(session, access, "pair", pair.id, act="programme", document=True)
    return programme_docx(two, programme_answer(pair, programme, measures_of(session, programme.id), titles, sight), on)


def programme_docx(two: Two, programme: WholeProgramme, on: date) -> bytes:
    """Return a programme as a DOCX: explanatory note, goals, plan of measures, signatures."""
    document = new_docx(f"Программа наставничества: {two.mentee.full_name}")
    _title(document, two)
    _note(document, two, programme)
    _goals(document, programme)
    _plan(document, programme)
    _signatures(document, two)
    add_footer(document, f"Составлено {dmy(on)}")
    return as_docx(document)


def _title(document: Docx, two: Two) -> None:
    order = f"Приказ от {dmy(two.pair.order_date)} № {two.pair.order_number}"
    centred(document, two.territory.texts.center or two.territory.title, 11)
    centred(document, "Персонализированная программа наставничества", 16, bold=True)
    centred(document, capital(labels.KINDS[two.pair.kind]), 13)
    centred(document, order if two.pair.order_date else "Приказ от «__» ____________ 20__ г. № ______", 11)
    if two.demo:
        centred(document, "демо: данные вымышлены", 11)


def _note(document: Docx, two: Two, programme: WholeProgramme) -> None:
    document.add_heading("1. Пояснительная записка", 1)
    rows = (
        ("Педагог", person_line(two.mentee)),
        ("Наставник", person_line(two.mentor)),
        ("Как встречаются", labels.FORMATS.get(two.pair.format, "")),
        ("Срок", f"{dmy(programme['starts'])} – {dmy(programme['ends'])}"),
        ("Согласие", f"педагог {dmy(two.pair.mentee_agreed_on)}, наставник {dmy(two.pair.mentor_agreed_on)}"),
    )
    table = add_table(document, (), (45, 125), len(rows))
    for row, (name, value) in zip(table.rows, rows, strict=True):
        write_cell(row.cells[0], name, 11)
        write_cell(row.cells[1], value or LINE, 11)
    document.add_paragraph()
    for reason in programme["note"]:
        write_run(document.add_paragraph(), reason["text"])


def _goals(document: Docx, programme: WholeProgramme) -> None:
    document.add_heading("2. Цели", 1)
    goals = programme["goals"]
    if not goals:
        write_run(document.add_paragraph(), "Дефицитов, с которыми поможет наставник, диагностика не показала.")
        return
    header = ("Компетенция", "Сейчас", "Цель", "Владение наставника, не меньше")
    table = add_table(document, header, (88, 22, 22, 38), len(goals))
    for row, goal in zip(table.rows[1:], goals, strict=True):
        proven = "не подтверждено" if goal["mentor"] is None else share(goal["mentor"])
        texts = (goal["title"], percent(goal["percent"]), percent(goal["target"]), proven)
        for cell, text in zip(row.cells, texts, strict=True):
            write_cell(cell, text)


def _plan(document: Docx, programme: WholeProgramme) -> None:
    landscape(document)
    document.add_heading("3. План мероприятий", 1)
    measures = programme["measures"]
    if not measures:
        write_run(document.add_paragraph(), "Мероприятий пока нет.")
        return
    months = list(dict.fromkeys(measure["month"] for measure in measures))
    table = add_table(document, PLAN_HEADER, PLAN_WIDTHS, len(measures) + len(months))
    rows = iter(table.rows[1:])
    shown_month = 0
    for place, measure in enumerate(measures, start=1):
        if measure["month"] != shown_month:
            shown_month = measure["month"]
            _month_row(next(rows).cells, measure)
        for cell, text in zip(next(rows).cells, _plan_row(place, measure), strict=True):
            write_cell(cell, text)


def _month_row(cells: Sequence[Any], measure: ProgrammeMeasure) -> None:
    span = f"{dmy(measure['month_starts'])} – {dmy(measure['month_ends'])}"
    title = write_cell(cells[0].merge(cells[-1]), f"Месяц {measure['month']}: {span}", bold=True)
    title.paragraphs[0].paragraph_format.keep_with_next = True
    shade_cell(title)


def _plan_row(place: int, measure: ProgrammeMeasure) -> tuple[str, ...]:
    serves = measure["competency_title"] or ("шаг маршрута педагога" if measure["activity"] else "")
    done = f"выполнено {dmy(measure['done_on'])}" if measure["done_on"] else ""
    return str(place), measure["text"], serves, measure["result"], done


def _signatures(document: Docx, two: Two) -> None:
    heading = document.add_heading("Подписи", 1)
    heading.paragraph_format.keep_with_next = True
    rows = (
        ("Наставник", two.mentor.full_name),
        ("Педагог", two.mentee.full_name),
        ("Руководитель организации", ""),
        ("Представитель ЦНППМ", ""),
    )
    table = add_table(document, (), (60, 55, 85, 40), len(rows), borders=False)
    for row, (role, name) in zip(table.rows, rows, strict=True):
        row.height = Mm(11)
        for cell, text in zip(row.cells, (role, "_" * 18, name or LINE, "«__» ________ 20__ г."), strict=True):
            write_cell(cell, text, 11)
