"""The route as a document: DOCX in the form of a centre of continuing education, and a calendar of its steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from docx.document import Document as Docx
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt
from icalendar import Calendar, Event

from api.exports import add_footer, add_table, as_docx, new_docx, shade_cell, write_cell
from api.layout import ProfileRow, TermSteps, closed_shares_of, expected_after, terms_of
from api.rendering import capital, dmy, hours, number, open_text, percent, plural, reason_text, share
from data.reference.words import word
from recommender.explanation.forms import ExplainedAnswer, GivenAnswer, StepAnswer
from recommender.vocabulary import PROGRAMME_KINDS

LINE: Final = "_" * 24

SCHOOL_KINDS: Final = ("lesson_visit", "union", "mentoring", "consultation", "self_study")
INFORMAL_KINDS: Final = ("self_study", "community")

MAP_HEADER: Final = (
    *("№", "Уровень реализации", "Сопровождение", "Мероприятие", "Категория", "Срок", "Часы"),
    *("Закрываемый дефицит", "Ожидаемый результат", "Отметка о выполнении"),
)
MAP_WIDTHS: Final = (8, 27, 28, 54, 25, 22, 12, 38, 35, 24)


@dataclass(frozen=True, slots=True)
class Owner:
    """What the first section says of the person; an empty text becomes a line to write on."""

    full_name: str
    organisation: str
    municipality: str
    position: str
    qualification: str
    subjects: str
    experience: str
    tutor: str
    territory: str
    state: str
    demo: bool = False


def level_of(step: StepAnswer) -> str:
    """Return the level on which a step is carried out: the widest one that its register or place speaks for."""
    if "federal" in step["registers"]:
        return "федеральный"
    if "regional" in step["registers"] or step["kind"] in PROGRAMME_KINDS:
        return "региональный"
    if step["kind"] in SCHOOL_KINDS:
        return "институциональный"
    return "муниципальный" if step["municipality"] else "региональный"


def category_of(step: StepAnswer) -> str:
    """Return the form of education of a step: formal steps end with a state document, informal ones have no teacher."""
    if step["kind"] in PROGRAMME_KINDS:
        return "формальное"
    return "информальное" if step["kind"] in INFORMAL_KINDS else "неформальное"


def route_docx(owner: Owner, answer: ExplainedAnswer, profile: Sequence[ProfileRow], made_on: date) -> bytes:
    """Return the route as a DOCX: general facts, diagnostics, request, map of steps, report, signatures."""
    document = new_docx(f"Индивидуальный образовательный маршрут: {owner.full_name}")
    _title(document, owner)
    _general(document, owner)
    _diagnostics(document, answer, profile)
    _request(document, answer)
    _map(document, owner, answer)
    _report(document, answer)
    _signatures(document, owner)
    _footer(document, answer, made_on)
    return as_docx(document)


def _title(document: Docx, owner: Owner) -> None:
    for text, size, bold in (
        (owner.territory, 11, False),
        ("Индивидуальный образовательный маршрут", 16, True),
        (owner.full_name, 13, False),
        (f"{owner.state}{', демо: данные вымышлены' if owner.demo else ''}", 11, False),
    ):
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = paragraph.add_run(text)
        run.font.size, run.bold = Pt(size), bold


def _general(document: Docx, owner: Owner) -> None:
    document.add_heading("1. Общие сведения", 1)
    rows = (
        ("Фамилия, имя, отчество", owner.full_name),
        ("Место работы", owner.organisation),
        ("Район", owner.municipality),
        ("Должность", owner.position),
        ("Образование", ""),
        ("Квалификационная категория", owner.qualification),
        ("Предмет", owner.subjects),
        ("Педагогический стаж", owner.experience),
        ("Тьютор / наставник", owner.tutor),
    )
    table = add_table(document, (), (60, 110), len(rows))
    for row, (name, value) in zip(table.rows, rows, strict=True):
        write_cell(row.cells[0], name, size=11)
        write_cell(row.cells[1], value or LINE, size=11)


def _diagnostics(document: Docx, answer: ExplainedAnswer, profile: Sequence[ProfileRow]) -> None:
    document.add_heading("2. Результаты диагностики", 1)
    if not profile:
        document.add_paragraph("Результатов диагностики пока нет.")
        return
    levels = {deficit["competency"]: deficit["level_title"] for deficit in answer["deficits"]}
    header = ("Компетенция", "Сейчас", "Цель", "Уровень", "Дата, форма, источник")
    table = add_table(document, header, (62, 18, 16, 28, 46), len(profile))
    for row, line in zip(table.rows[1:], profile, strict=True):
        for cell, text in zip(row.cells, _diagnosed(line, levels), strict=True):
            write_cell(cell, text)
    document.add_paragraph().add_run(
        f"Дефицитов: {len(answer['deficits'])}. Цель – целевой уровень для должности на этой территории."
    ).font.size = Pt(10)


def _diagnosed(line: ProfileRow, levels: Mapping[str, str]) -> tuple[str, ...]:
    newest = line.evidence[0]
    proofs = ", ".join(filter(None, (dmy(newest.taken_on), word("form", newest.form), newest.source)))
    if len(line.evidence) > 1:
        proofs += f"; раньше ещё {len(line.evidence) - 1}"
    level = levels.get(line.competency, "цель достигнута")
    return line.title, percent(line.percent), percent(line.target), level, proofs


def _request(document: Docx, answer: ExplainedAnswer) -> None:
    document.add_heading("3. Индивидуальный запрос педагога", 1)
    asked = [deficit["title"] for deficit in answer["deficits"] if deficit["factors"]["request"] > 1]
    for text in asked or ("_" * 70, "_" * 70):
        document.add_paragraph(text)


def _map(document: Docx, owner: Owner, answer: ExplainedAnswer) -> None:
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(12)
    document.add_heading("4. Карта профессионального развития", 1)
    steps = answer["route"]["steps"]
    if not steps:
        for note in answer["route"]["notes"]:
            document.add_paragraph(reason_text(note))
        return
    document.add_paragraph(_summary(answer))
    for one in answer["route"]["mentoring"]:
        document.add_paragraph(_mentor_text(one))
    terms = terms_of(answer)
    table = add_table(document, MAP_HEADER, MAP_WIDTHS, len(steps) + len(terms), size=9)
    rows = iter(table.rows[1:])
    for term in terms:
        heading = next(rows)
        title = write_cell(heading.cells[0].merge(heading.cells[-1]), _term_text(term), 10, bold=True)
        title.paragraphs[0].paragraph_format.keep_with_next = True
        shade_cell(title)
        for place, step in term.steps:
            for cell, text in zip(next(rows).cells, _map_row(owner, answer, place, step), strict=True):
                write_cell(cell, text, size=9)
    _open(document, answer)


def _term_text(term: TermSteps) -> str:
    return f"{capital(term.title)}, {term.years} – {hours(term.hours)}"


def _mentor_text(one: GivenAnswer) -> str:
    closes = "; ".join(f"«{closing['title']}» – на {share(closing['share'])}" for closing in one["closes"])
    span = f", {dmy(one['starts'])} – {dmy(one['ends'])}" if one["starts"] else ""
    return f"Наставничество ({word('pair_kind', one['kind'])}{span}): {closes or 'вне дефицитов этого маршрута'}."


def _summary(answer: ExplainedAnswer) -> str:
    progress, route = closed_shares_of(answer), answer["route"]
    count = plural(len(progress.deficits), "дефицита", "дефицитов", "дефицитов")
    full = f", {progress.closed_planned} – полностью" if progress.closed_planned else ""
    gap, limit = share(route["certificate"]["gap"], 1), hours(answer["limits"]["hours"])
    return (
        f"Всего {hours(route['hours'])}. Маршрут закроет {share(progress.planned)} разницы до целей: сдвинет "
        f"{progress.moved} из {count}{full}. Не дальше {gap} от лучшего возможного при {limit}."
    )


def _map_row(owner: Owner, answer: ExplainedAnswer, place: int, step: StepAnswer) -> tuple[str, ...]:
    register = ", ".join(word("register", code) for code in step["registers"])
    until = f" до {dmy(step['register_until'])}" if register and step["register_until"] else ""
    parts = (step["title"], word("activity_kind", step["kind"]), step["provider"], register + until, step["link"])
    closes = [f"{one['title']} – {share(one['share'])}" for one in step["closes"]]
    expected = [
        f"{title}: {percent(before)} → {percent(after)}" for title, before, after in expected_after(answer, place)
    ]
    period = dmy(step["starts"]) if step["starts"] == step["ends"] else f"{dmy(step['starts'])} – {dmy(step['ends'])}"
    return (
        str(place + 1),
        level_of(step),
        owner.tutor or "тьютор",
        "\n".join(filter(None, parts)),
        category_of(step),
        period,
        number(step["hours"], 1),
        "\n".join(closes),
        "\n".join(expected),
        "",
    )


def _open(document: Docx, answer: ExplainedAnswer) -> None:
    if not answer["open"]:
        return
    document.add_paragraph()
    document.add_paragraph().add_run("Что останется открытым").bold = True
    table = add_table(document, ("Компетенция", "Доля", "Почему"), (90, 20, 160), len(answer["open"]))
    for row, one in zip(table.rows[1:], answer["open"], strict=True):
        for cell, text in zip(row.cells, (one["title"], share(one["share"]), open_text(one)), strict=True):
            write_cell(cell, text)


def _report(document: Docx, answer: ExplainedAnswer) -> None:
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(25), Mm(15)
    document.add_heading("5. Отчёт и рефлексия", 1)
    steps = answer["route"]["steps"]
    table = add_table(
        document, ("Мероприятие", "Что изменилось в моей работе", "Ссылка"), (60, 75, 35), max(1, len(steps))
    )
    for row, step in zip(table.rows[1:], steps, strict=False):
        write_cell(row.cells[0], step["title"])
        row.height = Mm(16)


def _signatures(document: Docx, owner: Owner) -> None:
    document.add_heading("Подписи", 1)
    rows = (
        ("Педагог", owner.full_name),
        ("Тьютор / наставник", owner.tutor),
        ("Руководитель организации", ""),
        ("Представитель ЦНППМ", ""),
    )
    table = add_table(document, (), (50, 45, 45, 30), len(rows), borders=False)
    for row, (role, name) in zip(table.rows, rows, strict=True):
        row.height = Mm(11)
        for cell, text in zip(row.cells, (role, "_" * 18, name or "_" * 18, "«__» ______"), strict=True):
            write_cell(cell, text, size=11)


def _footer(document: Docx, answer: ExplainedAnswer, made_on: date) -> None:
    versions = answer["versions"]
    add_footer(document, f"Составлено {dmy(made_on)} · каталог {versions['catalogue']} · рамка {versions['framework']}")


def route_calendar(answer: ExplainedAnswer, person_id: int, made_at: datetime) -> bytes:
    """Return the steps as whole-day events of an iCalendar file (RFC 5545)."""
    calendar = Calendar()
    calendar.add("prodid", "-//Marshrut//Route//RU")
    calendar.add("version", "2.0")
    for step in answer["route"]["steps"]:
        calendar.add_component(_event(step, person_id, made_at))
    made: bytes = calendar.to_ical()
    return made


def _event(step: StepAnswer, person_id: int, made_at: datetime) -> Event:
    event = Event()
    event.add("uid", f"{step['activity']}-{step['delivery']}-{person_id}@marshrut")
    event.add("dtstamp", made_at)
    event.add("dtstart", step["starts"])
    # The end of an event is the first day that does not belong to it.
    event.add("dtend", step["ends"] + timedelta(days=1))
    event.add("summary", step["title"])
    event.add("description", f"{step['provider']}, {hours(step['hours'])}")
    return event
