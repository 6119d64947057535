"""Verbs of programmes: make one for a pair, add, change, mark and take away its measures."""

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Final

from api import audit
from api.access import Access, verb
from api.errors import Conflict, InvalidInput, NotFound
from api.mentors.pairs.operations import LONGEST_TEXT, pair_of
from api.mentors.programmes.question import question_of
from api.mentors.region import rule_of
from api.policy import Action
from api.rendering import reason_text
from models.pairs import ACTIVE, AGREED, PairRecord
from models.programmes import (
    AlreadyPlanned,
    MeasureRecord,
    ProgrammeRecord,
    count_measures,
    drop_measure,
    find_measure,
    programme_of,
    put_programme,
)
from models.session import Session
from recommender.explanation.answer import reason_answer
from recommender.mentoring.programme import KINDS, Measure, Programme, months_between, plan_programme
from recommender.refusals import Refused
from recommender.territory import MentoringRule

MOST_MEASURES: Final = 200


class NeedsConfirmation(Conflict):
    """A programme was changed by hand or carried out in part: making it anew loses that, so it is asked about."""


@verb(Action.PAIR_PROGRAMME)
def make_programme(
    session: Session,
    access: Access,
    pair_id: int,
    *,
    months: int | None = None,
    again: bool = False,
    on: date | None = None,
) -> ProgrammeRecord:
    """Make the programme of a pair on which both agreed from what is known of the two today.

    A programme that nobody has changed or begun is made anew; one that somebody has, only with `again`.
    """
    pair = _open_pair(session, access, pair_id)
    known = programme_of(session, pair.id)
    if known is not None and known.changed_at is not None and not again:
        raise NeedsConfirmation(
            "В программе есть ваши изменения или отметки о выполнении. Новая программа их заменит: подтвердите это."
        )
    planned = _planned(session, access, pair, months, on or date.today())
    programme = known or ProgrammeRecord(pair_id=pair.id)
    programme.starts, programme.months = planned.starts, planned.months
    programme.made_at, programme.changed_at = datetime.now(UTC), None
    programme.goals = [asdict(goal) for goal in planned.goals]
    programme.note = [reason_answer(reason) for reason in planned.note]
    try:
        put_programme(session, programme, map(_measure, range(len(planned.measures)), planned.measures))
    except AlreadyPlanned:
        raise Conflict("Программу этой пары только что составили. Обновите страницу.") from None
    audit.record(session, access, "pair", pair.id, act="make", measures=len(planned.measures))
    return programme


def _planned(session: Session, access: Access, pair: PairRecord, months: int | None, on: date) -> Programme:
    rules = rule_of(pair.territory, pair.kind)
    if rules is None:
        raise Conflict("Пар этого вида на территории больше нет.")
    length = _months(pair, rules[1], months)
    question = question_of(session, access, pair, rules, starts=pair.starts or on, months=length, on=on)
    try:
        return plan_programme(question)
    except Refused as refusal:
        raise InvalidInput(reason_text(refusal.reason), field="months") from refusal


def _months(pair: PairRecord, rule: MentoringRule, asked: int | None) -> int:
    """Return the length of a programme: that of the order, else what is asked, else the most the rule allows."""
    ordered = months_of(pair)
    if ordered and asked not in (None, ordered):
        raise InvalidInput(f"Срок пары установлен приказом: {ordered} мес.", field="months")
    return ordered or asked or rule.months_most


def months_of(pair: PairRecord) -> int:
    """Return the months of a pair in force, 0 before its order."""
    return months_between(pair.starts, pair.ends) if pair.starts and pair.ends else 0


def _measure(position: int, measure: Measure) -> MeasureRecord:
    return MeasureRecord(
        month=measure.month,
        position=position,
        kind=measure.kind,
        competency=measure.competency,
        activity=measure.activity,
        what=reason_answer(measure.what),
        expected=reason_answer(measure.expected),
    )


@verb(Action.PAIR_PROGRAMME)
def add_measure(
    session: Session,
    access: Access,
    pair_id: int,
    *,
    month: int,
    kind: str,
    text: str,
    result: str = "",
    competency: str = "",
) -> MeasureRecord:
    """Add a measure of one's own to a programme; it may serve one of the programme's goals."""
    pair, programme = _open_programme(session, access, pair_id)
    if kind not in KINDS:
        raise InvalidInput(f"Вида «{kind}» нет; есть {', '.join(KINDS)}.", field="kind")
    if competency and competency not in {goal["competency"] for goal in programme.goals}:
        raise InvalidInput("Такой цели в программе нет.", field="competency")
    position = count_measures(session, programme.id)
    if position >= MOST_MEASURES:
        raise Conflict(f"В программе уже {MOST_MEASURES} мероприятий.")
    measure = MeasureRecord(
        programme_id=programme.id,
        month=_month(programme, month),
        position=position,
        kind=kind,
        competency=competency,
        text=_text(text, "text", "Напишите, что делается."),
        result=_text(result, "result"),
    )
    session.add(measure)
    _changed(session, access, pair, programme, "add")
    return measure


@verb(Action.PAIR_PROGRAMME)
def change_measure(
    session: Session,
    access: Access,
    pair_id: int,
    measure_id: int,
    *,
    month: int | None = None,
    text: str | None = None,
    result: str | None = None,
) -> MeasureRecord:
    """Move a measure to another month or say it in other words; what is None stays."""
    pair, programme = _open_programme(session, access, pair_id)
    measure = _measure_of(session, programme, measure_id)
    if month is not None:
        measure.month = _month(programme, month)
    if text is not None:
        measure.text = _text(text, "text", "Напишите, что делается.")
    if result is not None:
        measure.result = _text(result, "result")
        # An emptied result is empty, and not what was computed.
        measure.expected = None
    _changed(session, access, pair, programme, "change")
    return measure


@verb(Action.PAIR_PROGRAMME)
def mark_measure(
    session: Session, access: Access, pair_id: int, measure_id: int, *, done_on: date | None
) -> MeasureRecord:
    """Mark a measure of a pair in force as carried out on a day, or with None take the mark back."""
    pair, programme = _open_programme(session, access, pair_id)
    measure = _measure_of(session, programme, measure_id)
    if pair.state != ACTIVE or pair.starts is None:
        raise Conflict("Выполнение отмечают у действующей пары.")
    if done_on is not None and not pair.starts <= done_on <= date.today():
        raise InvalidInput("Дата – от начала работы пары до сегодняшнего дня.", field="done_on")
    measure.done_on = done_on
    _changed(session, access, pair, programme, "mark")
    return measure


@verb(Action.PAIR_PROGRAMME)
def remove_measure(session: Session, access: Access, pair_id: int, measure_id: int) -> None:
    """Take a measure out of a programme; one that was carried out stays."""
    pair, programme = _open_programme(session, access, pair_id)
    measure = _measure_of(session, programme, measure_id)
    if measure.done_on is not None:
        raise Conflict("Мероприятие отмечено как выполненное. Сначала снимите отметку.")
    drop_measure(session, measure)
    _changed(session, access, pair, programme, "remove")


def may_change(pair: PairRecord) -> bool:
    """Tell whether the programme of a pair may be made and changed: from the agreement of both to the end."""
    return pair.state in (AGREED, ACTIVE)


def _open_pair(session: Session, access: Access, pair_id: int) -> PairRecord:
    pair = pair_of(session, access, pair_id)
    if not may_change(pair):
        raise Conflict("Программа составляется, когда на пару согласились оба, и меняется до завершения пары.")
    return pair


def _open_programme(session: Session, access: Access, pair_id: int) -> tuple[PairRecord, ProgrammeRecord]:
    pair = _open_pair(session, access, pair_id)
    programme = programme_of(session, pair.id)
    if programme is None:
        raise NotFound("Программы у этой пары пока нет.")
    return pair, programme


def _measure_of(session: Session, programme: ProgrammeRecord, measure_id: int) -> MeasureRecord:
    measure = find_measure(session, programme.id, measure_id)
    if measure is None:
        raise NotFound("Такого мероприятия в программе нет.")
    return measure


def _changed(session: Session, access: Access, pair: PairRecord, programme: ProgrammeRecord, act: str) -> None:
    programme.changed_at = datetime.now(UTC)
    session.flush()
    audit.record(session, access, "pair", pair.id, act=act)


def _month(programme: ProgrammeRecord, month: int) -> int:
    if not 1 <= month <= programme.months:
        raise InvalidInput(f"Месяц – от 1 до {programme.months}.", field="month")
    return month


def _text(text: str, field: str, missing: str = "") -> str:
    text = text.strip()
    if missing and not text:
        raise InvalidInput(missing, field=field)
    if len(text) > LONGEST_TEXT:
        raise InvalidInput(f"Не длиннее {LONGEST_TEXT} знаков.", field=field)
    return text
