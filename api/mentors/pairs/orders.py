"""The draft of an order on pairs as DOCX."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from docx.document import Document as Docx
from docx.shared import Mm, Pt

from api import audit
from api.access import Access, verb
from api.errors import Conflict, NotFound
from api.exports import add_footer, add_table, as_docx, new_docx, write_cell, write_run
from api.mentors import labels
from api.mentors.documents import LINE, centred, landscape, person_line
from api.policy import Action
from api.rendering import dmy, plural
from data.reference.loading import load_territory
from models.accounts import demo_accounts
from models.mentor_runs import PUBLISHED, MentorRunRecord
from models.pairs import ACTIVE, AGREED, OPEN, PROPOSED, PairRecord, pairs_of
from models.people import PersonRecord
from models.session import Session
from recommender.territory import Territory

MOST_ORDERED: Final = 1000
ORDER_HEADER: Final = ("№", "Педагог", "Наставник", "Вид пары", "Срок", "Приказ")
ORDER_WIDTHS: Final = (9, 72, 72, 38, 42, 38)

Ordered = tuple[PairRecord, PersonRecord, PersonRecord]


@verb(Action.MENTORS_PUBLISH)
def order_of_run(session: Session, access: Access, run: MentorRunRecord, *, on: date, municipality: str = "") -> bytes:
    """Return the draft of an order on those pairs of a published run to which both agreed."""
    if run.state != PUBLISHED:
        raise Conflict("Приказ готовят по опубликованному подбору.")
    ordering = access.for_(Action.PAIR_ORDER)
    found = _to_order(session, ordering, run_id=run.id)
    chosen = [line for line in found if municipality in ("", line[1].municipality)]
    return _order(session, ordering, run.territory, chosen, on)


@verb(Action.PAIR_ORDER)
def order_of_pairs(session: Session, access: Access, ids: Sequence[int], *, on: date) -> bytes:
    """Return the draft of an order on chosen pairs of one territory; pairs out of reach are none."""
    found = _to_order(session, access, ids=ids)
    territories = {pair.territory for pair, _, _ in found}
    if len(found) < len(set(ids)) or len(territories) != 1:
        raise NotFound("Выберите пары одной территории, по которым вы готовите приказ.")
    return _order(session, access, territories.pop(), found, on)


def _to_order(
    session: Session, access: Access, *, run_id: int | None = None, ids: Sequence[int] | None = None
) -> Sequence[Ordered]:
    return pairs_of(session, access.scopes, states=OPEN, run_id=run_id, ids=ids)


def _order(session: Session, access: Access, territory: str, found: Sequence[Ordered], on: date) -> bytes:
    agreed = sorted(
        (line for line in found if line[0].state in (AGREED, ACTIVE)),
        key=lambda line: (line[1].municipality, line[1].organisation_key, line[1].name_key, line[0].id),
    )
    if not agreed:
        raise Conflict("Нет ни одной пары, на которую согласились оба: включать в приказ пока некого.")
    if len(agreed) > MOST_ORDERED:
        raise Conflict(f"В приказе было бы пар: {len(agreed)}. Выберите муниципалитет: не больше {MOST_ORDERED}.")
    waiting = sum(pair.state == PROPOSED for pair, _, _ in found)
    audit.record(session, access, "pair", None, act="order", count=len(agreed))
    return order_docx(load_territory(territory), agreed, waiting, demo=bool(demo_accounts(session)), on=on)


def order_docx(territory: Territory, found: Sequence[Ordered], waiting: int, *, demo: bool, on: date) -> bytes:
    """Return the draft of an order as a DOCX; number and date of the order are left to be written in."""
    document = new_docx("Проект приказа о закреплении наставников")
    centred(document, territory.title, 12)
    centred(document, "ПРИКАЗ", 16, bold=True)
    centred(document, "проект, демо: данные вымышлены" if demo else "проект", 11)
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
    landscape(document)
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
    return str(place), person_line(mentee), person_line(mentor), labels.KINDS[pair.kind], term, order
