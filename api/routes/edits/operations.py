"""Verbs of editing a route by hand: see what an edit would change, keep it, take it back, compare limits of hours."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Final, cast

from api import audit
from api.access import Access, verb
from api.errors import Conflict, InvalidInput
from api.policy import Action
from api.rendering import moment, reason_text
from api.routes.edits.serializers import change_text
from api.routes.knowledge import knowledge_of
from api.routes.operations import composed, new_version, person_of, question_of, store_route
from api.routes.refusals import asked_rightly
from models.accounts import names_of
from models.people import PersonRecord
from models.route_versions import changes_since, last_edit, overrides_of, take_back
from models.routes import RouteRecord, current_route, held_route
from models.session import Session
from recommender.explanation.answer import answer
from recommender.explanation.difference import RouteDifference, difference
from recommender.explanation.forms import ExplainedAnswer, StepAnswer
from recommender.knowledge import Knowledge
from recommender.lifecycle import may_be_recomposed
from recommender.overrides import Edit, KeptEdit, Overrides, edited
from recommender.schedule import TermSpan, period_of, term_spans
from recommender.verification.route_faults import GIVEN_UP
from recommender.verification.rules import broken_rules, read_activity

MOST_COMPARED: Final = 3
NO_COMMENT: Final = "Напишите в одном предложении, почему шаг убран: это увидят педагог и тьютор."
CHANGED: Final = "Пока вы смотрели, маршрут изменился.{changes} Ваша правка не сохранена: посмотрите её ещё раз."
MOST_CHANGES: Final = 3


@dataclass(frozen=True)
class Edited:
    """A route before and after an edit. `overrides` is all that is asked after it, `kept_not` says why the edit itself
    cannot be met (empty where it can); `route` is what is stored."""

    overrides: Overrides
    before: ExplainedAnswer
    after: ExplainedAnswer
    difference: RouteDifference
    kept_not: str
    route: RouteRecord


@verb(Action.ROUTE_EDIT)
def preview(session: Session, access: Access, person_id: int, edit: Edit, *, on: date | None = None) -> Edited:
    """Compose the route around an edit and tell what it changes; nothing of it is kept."""
    person, route = _draft(session, access, person_id)
    return _tried(session, access, person, route, edit, on)[0]


@verb(Action.ROUTE_EDIT)
def apply(
    session: Session,
    access: Access,
    person_id: int,
    edit: Edit,
    *,
    seen: int | None = None,
    on: date | None = None,
) -> Edited:
    """Keep an edit and the route composed around it. `seen` is the lock version of the route that the actor saw."""
    person, route = _draft(session, access, person_id, hold=True)
    _unchanged(session, access, person, route, seen)
    if edit.kind == "forbid" and not edit.comment.strip():
        raise InvalidInput(NO_COMMENT, field="comment")
    shown, found = _tried(session, access, person, route, edit, on)
    if shown.kept_not:
        raise Conflict(shown.kept_not)
    told, knowledge = _told(edit), knowledge_of(session, person.territory)
    made = new_version(person_id, found, knowledge, shown.overrides, seen=route.lock_version)
    stored = store_route(session, access, made, edit=told)
    codes = {name: told[name] for name in ("activity", "instead") if name in told}
    audit.record(session, access, "person", person_id, route=stored.id, kind=edit.kind, **codes)
    return replace(shown, route=stored)


@verb(Action.ROUTE_EDIT)
def undo(
    session: Session, access: Access, person_id: int, *, seen: int | None = None, on: date | None = None
) -> Edited:
    """Take the last edit back: the route is composed anew from what was asked before it."""
    person, route = _draft(session, access, person_id, hold=True)
    _unchanged(session, access, person, route, seen)
    last = last_edit(session, access.scopes, person_id)
    if last is None or last.edit is None:
        raise Conflict("Отменять нечего: вручную этот маршрут не меняли.")
    before, kind, number = route.full_answer, last.edit["kind"], last.number
    overrides = take_back(session, access.scopes, last, datetime.now(UTC))
    with asked_rightly():
        found, knowledge = composed(session, access.for_(Action.PERSON_READ), person, overrides=overrides, on=on)
    after = answer(found, knowledge)
    made = new_version(person_id, found, knowledge, overrides, seen=route.lock_version)
    stored = store_route(session, access, made, undoes=number)
    audit.record(session, access, "person", person_id, route=stored.id, kind="undo", undone=kind)
    return Edited(overrides, before, after, difference(before, after), "", stored)


def _unchanged(session: Session, access: Access, person: PersonRecord, route: RouteRecord, seen: int | None) -> None:
    """Refuse what was decided by looking at another state of a route; tell who has changed it since, when and how."""
    if seen is None or seen == route.lock_version:
        return
    found = changes_since(session, access.scopes, route.id, seen, most=MOST_CHANGES)
    names = names_of(session, (version.account_id for version in found))
    catalogue = knowledge_of(session, person.territory).catalogue
    changes = "".join(
        f" {names.get(version.account_id, 'Сервис')}, {moment(version.made_at)}: {change_text(version, catalogue)}."
        for version in found
    )
    raise Conflict(CHANGED.format(changes=changes))


@verb(Action.ROUTE_READ)
def compare(
    session: Session, access: Access, person_id: int, hours: Sequence[float], *, on: date | None = None
) -> tuple[ExplainedAnswer, ...]:
    """Return the answers for up to three limits of hours, with all else as it is asked; nothing of it is kept."""
    if not 0 < len(hours) <= MOST_COMPARED:
        raise InvalidInput("Сравнить можно от одного до трёх вариантов часов.", field="hours")
    person, reading = person_of(session, access, person_id), access.for_(Action.PERSON_READ)
    overrides = overrides_of(session, reading.scopes, [person_id]).get(person_id, Overrides())
    told = []
    for limit in hours:
        with asked_rightly():
            told.append(answer(*composed(session, reading, person, overrides=replace(overrides, hours=limit), on=on)))
    return tuple(told)


def _draft(session: Session, access: Access, person_id: int, *, hold: bool = False) -> tuple[PersonRecord, RouteRecord]:
    """Return a person with the draft that may be edited; one that is about to be changed is held until the commit."""
    person = person_of(session, access, person_id)
    route = held_route(session, access.scopes, person_id) if hold else current_route(session, access.scopes, person_id)
    if route is None:
        raise Conflict("Маршрута ещё нет: сначала составьте его.")
    if not may_be_recomposed(route.state):
        raise Conflict("Маршрут уже согласуется или выполняется, вручную здесь его не меняют.")
    return person, route


def _tried(
    session: Session, access: Access, person: PersonRecord, route: RouteRecord, edit: Edit, on: date | None
) -> tuple[Edited, Any]:
    knowledge = knowledge_of(session, person.territory)
    _check(edit, knowledge, on or date.today())
    before = overrides_of(session, access.scopes, [person.id]).get(person.id, Overrides())
    with asked_rightly():
        overrides = edited(before, _commented(edit, knowledge))
        found, knowledge = composed(session, access.for_(Action.PERSON_READ), person, overrides=overrides, on=on)
    old, new = route.full_answer, answer(found, knowledge)
    return Edited(overrides, old, new, difference(old, new), _kept_not(edit, new), route), found


def _check(edit: Edit, knowledge: Knowledge, today: date) -> None:
    for field, code in (("activity", edit.activity), ("instead", edit.instead)):
        if code and code not in knowledge.catalogue.position and edit.kind not in ("release", "allow"):
            raise InvalidInput(f"Мероприятия {code} в каталоге нет.", field=field)
    if edit.kind == "period" and edit.end is not None and edit.end < max(today, edit.start or today):
        raise InvalidInput("Последний день срока уже прошёл или стоит раньше первого.", field="to")
    if edit.kind == "move" and edit.day is not None and edit.day < today:
        raise InvalidInput("Этот день уже прошёл: выберите время впереди.", field="day")


def _commented(edit: Edit, knowledge: Knowledge) -> Edit:
    """Return the edit with a comment on what a swap takes out, where nobody wrote one."""
    if edit.kind != "swap" or edit.comment.strip():
        return edit
    title = knowledge.catalogue.activities[knowledge.catalogue.position[edit.instead]].title
    return replace(edit, comment=f"Заменено на «{title}».")


def _kept_not(edit: Edit, told: ExplainedAnswer) -> str:
    """Return why the route does not keep what the edit itself asks to be in it."""
    wanted = {"fix": edit.activity, "move": edit.activity, "swap": edit.instead}.get(edit.kind)
    notes = (note for note in told["route"]["notes"] if note["code"] in GIVEN_UP and note["activity"] == wanted)
    return next((reason_text(note) for note in notes), "")


def _told(edit: Edit) -> KeptEdit:
    """Return an edit as it is kept: what it says, without what it leaves out and without its comment."""
    said = {name: value for name, value in asdict(edit).items() if value not in (None, "", False) and name != "comment"}
    return cast(KeptEdit, said)


@dataclass(frozen=True, slots=True)
class OtherTime:
    """Another time for a step: a whole term (the day is its last), or the dates of another group (`exact`)."""

    title: str
    starts: date
    ends: date
    exact: bool

    @property
    def day(self) -> date:
        """The day that names this time in an edit."""
        return self.starts if self.exact else self.ends


@verb(Action.ROUTE_EDIT)
def other_times(
    session: Session, access: Access, person: PersonRecord, steps: Sequence[StepAnswer]
) -> tuple[tuple[OtherTime, ...], ...]:
    """Return for each step of an answer the times to which the rules let it be moved."""
    question = question_of(session, access.for_(Action.PERSON_READ), person)
    knowledge = knowledge_of(session, person.territory)
    spans = term_spans(knowledge.territory.terms, *period_of(question.limits, question.on))

    def possible(step: StepAnswer) -> Iterator[OtherTime]:
        activity = knowledge.catalogue.activities[knowledge.catalogue.position[step["activity"]]]
        reading = read_activity(activity, knowledge.territory)
        for number, delivery in enumerate(activity.deliveries):
            for span in spans if delivery.starts is None else _holding(spans, delivery.starts):
                starts = delivery.starts or span.starts
                same = delivery.starts is None or number == step["delivery"]
                here = same and span.starts <= step["starts"] <= span.ends
                if here or any(broken_rules(reading, delivery, starts, question, knowledge.territory)):
                    continue
                ends = (delivery.ends or delivery.starts) if delivery.starts else span.ends
                yield OtherTime(span.title, starts, ends or span.ends, delivery.starts is not None)

    known = knowledge.catalogue.position
    return tuple(tuple(dict.fromkeys(possible(step))) if step["activity"] in known else () for step in steps)


def _holding(spans: Sequence[TermSpan], day: date) -> tuple[TermSpan, ...]:
    return tuple(span for span in spans if span.starts <= day <= span.ends)[:1]
