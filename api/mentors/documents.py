"""Documents of mentoring as DOCX: the personal programme of a pair, and the draft of an order on pairs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from docx.document import Document as Docx
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt

from api import audit
from api.errors import Conflict, NotFound
from api.exports import add_footer, add_table, as_docx, new_docx, shade_cell, write_cell, write_run
from api.identity import Identity
from api.mentors import shown
from api.mentors.texts import titles_of, told_programme
from api.permissions import scopes
from api.rendering import capital, dmy, percent, plural, share
from data.reference.loading import load_territory
from models.accounts import demo_accounts
from models.mentor_runs import PUBLISHED, MentorRunRecord
from models.pairs import ACTIVE, AGREED, OPEN, PROPOSED, PairRecord, pairs_of
from models.people import PersonRecord, people_of
from models.programmes import measures_of, programme_of
from models.scope import Scope
from models.session import Session
from recommender.territory import Territory

LINE: Final = "_" * 24
MOST_ORDERED: Final = 1000
PLAN_HEADER: Final = ("№", "Мероприятие", "Чему служит", "Ожидаемый результат", "Отметка о выполнении")
PLAN_WIDTHS: Final = (9, 92, 60, 72, 38)
ORDER_HEADER: Final = ("№", "Педагог", "Наставник", "Вид пары", "Срок", "Приказ")
ORDER_WIDTHS: Final = (9, 72, 72, 38, 42, 38)

Ordered = tuple[PairRecord, PersonRecord, PersonRecord]
Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Two:
    """The two of a pair and what a document says of the pair itself."""

    pair: PairRecord
    mentee: PersonRecord
    mentor: PersonRecord
    territory: Territory
    demo: bool


def programme_document(session: Session, actor: Identity, pair: PairRecord, *, on: date) -> bytes:
    """Return the programme of a pair as a document, and note that it was read."""
    programme = programme_of(session, pair.id)
    if programme is None:
        raise NotFound("Программы у этой пары пока нет.")
    known = people_of(session, [Scope(pair.territory)], (pair.mentee_id, pair.mentor_id))
    people = {person.id: person for person in known}
    territory, demo = load_territory(pair.territory), bool(demo_accounts(session))
    two = Two(pair, people[pair.mentee_id], people[pair.mentor_id], territory, demo)
    titles = titles_of(session, pair.territory)
    audit.record(session, actor, "programme.read", "pair", pair.id, document=True)
    return programme_docx(two, told_programme(pair, programme, measures_of(session, programme.id), titles), on)


def programme_docx(two: Two, programme: Told, on: date) -> bytes:
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
    _centred(document, two.territory.texts.center or two.territory.title, 11)
    _centred(document, "Персонализированная программа наставничества", 16, bold=True)
    _centred(document, capital(shown.KINDS[two.pair.kind]), 13)
    _centred(document, order if two.pair.order_date else "Приказ от «__» ____________ 20__ г. № ______", 11)
    if two.demo:
        _centred(document, "демо: данные вымышлены", 11)


def _centred(document: Docx, text: str, size: int, *, bold: bool = False) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    write_run(paragraph, text, size, bold=bold)


def _note(document: Docx, two: Two, programme: Told) -> None:
    document.add_heading("1. Пояснительная записка", 1)
    rows = (
        ("Педагог", _person(two.mentee)),
        ("Наставник", _person(two.mentor)),
        ("Как встречаются", shown.FORMATS.get(two.pair.format, "")),
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


def _person(person: PersonRecord) -> str:
    parts = (person.full_name, person.position, ", ".join(person.subjects), person.organisation, person.municipality)
    return ", ".join(part for part in parts if part)


def _goals(document: Docx, programme: Told) -> None:
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


def _plan(document: Docx, programme: Told) -> None:
    _landscape(document)
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


def _landscape(document: Docx) -> None:
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(12)


def _month_row(cells: Sequence[Any], measure: Told) -> None:
    span = f"{dmy(measure['month_starts'])} – {dmy(measure['month_ends'])}"
    title = write_cell(cells[0].merge(cells[-1]), f"Месяц {measure['month']}: {span}", bold=True)
    title.paragraphs[0].paragraph_format.keep_with_next = True
    shade_cell(title)


def _plan_row(place: int, measure: Told) -> tuple[str, ...]:
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


def order_of_run(session: Session, actor: Identity, run: MentorRunRecord, *, on: date, municipality: str = "") -> bytes:
    """Return the draft of an order on those pairs of a published run to which both agreed."""
    if run.state != PUBLISHED:
        raise Conflict("Приказ готовят по опубликованному подбору.")
    found = _to_order(session, actor, run_id=run.id)
    chosen = [line for line in found if municipality in ("", line[1].municipality)]
    return _order(session, actor, run.territory, chosen, on)


def order_of_pairs(session: Session, actor: Identity, ids: Sequence[int], *, on: date) -> bytes:
    """Return the draft of an order on chosen pairs of one territory; pairs out of reach are none."""
    found = _to_order(session, actor, ids=ids)
    territories = {pair.territory for pair, _, _ in found}
    if len(found) < len(set(ids)) or len(territories) != 1:
        raise NotFound("Выберите пары одной территории, по которым вы готовите приказ.")
    return _order(session, actor, territories.pop(), found, on)


def _to_order(
    session: Session, actor: Identity, *, run_id: int | None = None, ids: Sequence[int] | None = None
) -> Sequence[Ordered]:
    return pairs_of(session, scopes(actor, "pair.order"), states=OPEN, run_id=run_id, ids=ids)


def _order(session: Session, actor: Identity, territory: str, found: Sequence[Ordered], on: date) -> bytes:
    agreed = sorted(
        (line for line in found if line[0].state in (AGREED, ACTIVE)),
        key=lambda line: (line[1].municipality, line[1].organisation_key, line[1].name_key, line[0].id),
    )
    if not agreed:
        raise Conflict("Нет ни одной пары, на которую согласились оба: включать в приказ пока некого.")
    if len(agreed) > MOST_ORDERED:
        raise Conflict(f"В приказе было бы пар: {len(agreed)}. Выберите муниципалитет: не больше {MOST_ORDERED}.")
    waiting = sum(pair.state == PROPOSED for pair, _, _ in found)
    audit.record(session, actor, "pairs.order", "pair", None, count=len(agreed))
    return order_docx(load_territory(territory), agreed, waiting, demo=bool(demo_accounts(session)), on=on)


def order_docx(territory: Territory, found: Sequence[Ordered], waiting: int, *, demo: bool, on: date) -> bytes:
    """Return the draft of an order as a DOCX; number and date of the order are left to be written in."""
    document = new_docx("Проект приказа о закреплении наставников")
    _centred(document, territory.title, 12)
    _centred(document, "ПРИКАЗ", 16, bold=True)
    _centred(document, "проект, демо: данные вымышлены" if demo else "проект", 11)
    write_run(document.add_paragraph(), "«__» ____________ 20__ г.\t\t\t\t\t\t№ __________")
    write_run(document.add_paragraph(), "О закреплении наставников", bold=True)
    for text in _clauses(territory):
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.first_line_indent = Mm(12.5)
        write_run(paragraph, text)
    document.add_paragraph().paragraph_format.space_before = Pt(12)
    write_run(document.add_paragraph(), f"Руководитель {LINE} / {LINE}")
    _ordered(document, found, waiting)
    add_footer(document, f"Составлено {dmy(on)}")
    return as_docx(document)


def _clauses(territory: Territory) -> tuple[str, ...]:
    return (
        f"Основание: {territory.texts.regulation or LINE}; согласие наставников и педагогов. ПРИКАЗЫВАЮ:",
        "1. Закрепить наставников за педагогами согласно приложению.",
        "2. Наставникам и педагогам работать по персонализированным программам наставничества.",
        f"3. Контроль за исполнением приказа возложить на {LINE}{LINE}.",
    )


def _ordered(document: Docx, found: Sequence[Ordered], waiting: int) -> None:
    _landscape(document)
    document.add_heading("Приложение. Пары наставников и педагогов", 1)
    table = add_table(document, ORDER_HEADER, ORDER_WIDTHS, len(found))
    for place, (row, line) in enumerate(zip(table.rows[1:], found, strict=True), start=1):
        for cell, text in zip(row.cells, _ordered_row(place, *line), strict=True):
            write_cell(cell, text)
    write_run(document.add_paragraph(), f"Всего: {plural(len(found), 'пара', 'пары', 'пар')}.", 11)
    if waiting:
        write_run(document.add_paragraph(), f"Не вошли пары, на которые согласились не оба: {waiting}.", 11)


def _ordered_row(place: int, pair: PairRecord, mentee: PersonRecord, mentor: PersonRecord) -> tuple[str, ...]:
    term = f"{dmy(pair.starts)} – {dmy(pair.ends)}" if pair.starts else "с «__» ______ 20__ г.\nпо «__» ______ 20__ г."
    order = f"№ {pair.order_number} от {dmy(pair.order_date)}" if pair.order_date else ""
    return str(place), _person(mentee), _person(mentor), shown.KINDS[pair.kind], term, order
