"""From what came in to values of the core: names looked up, defaults filled in, what does not fit refused."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from api.errors import invalid
from api.routes.forms import (
    ActivityForm,
    DevelopsForm,
    DraftForm,
    LimitsForm,
    PersonForm,
    PlacementForm,
    RecommendForm,
    ResultForm,
)
from data.reference.words import compared
from recommender.activity import Activity, Delivery
from recommender.diagnostics import DiagnosticResult, Person
from recommender.framework import Framework
from recommender.overrides import LONGEST_DAYS, Overrides, Removed
from recommender.route import Placement, Request
from recommender.territory import Territory

WHOLE: Final[Mapping[str, float]] = {"percent": 100.0, "share": 1.0}
"""What is all of a competency in the scale of a request."""

LEAST_HOURS: Final[Mapping[str, float]] = {"pk": 16, "pp": 250}

FieldFault = tuple[str, str]


class Names:
    """Competencies of a framework by code or by title, as texts are compared everywhere."""

    def __init__(self, framework: Framework) -> None:
        self._codes = {compared(competency.code): competency.code for competency in framework.competencies}
        self._titles: dict[str, list[str]] = {}
        for competency in framework.competencies:
            self._titles.setdefault(compared(competency.title), []).append(competency.code)

    def fault(self, text: str) -> str | None:
        """Return the sentence that refuses a name, None where it names exactly one competency."""
        if compared(text) in self._codes:
            return None
        found = self._titles.get(compared(text), [])
        if len(found) > 1:
            return f"название «{text[:100]}» носят несколько компетенций ({', '.join(found)}), укажите код"
        return None if found else f"компетенции {text[:100]} нет"

    def code(self, text: str) -> str:
        """Return the code of a name that has no fault."""
        return self._codes.get(compared(text)) or self._titles[compared(text)][0]

    def wish(self, text: str) -> str:
        """Return the code of a wish that names a competency, and any other wish as its own words."""
        return text if self.fault(text) else self.code(text)


def request_of(
    form: RecommendForm, territory: Territory, framework: Framework, known_activities: Container[str], today: date
) -> Request:
    """Return the question as the core takes it; `known_activities` are the codes that may be fixed or forbidden."""
    names, on = Names(framework), form.on or today
    faults = [
        *_scale_faults(form),
        *_result_faults(form.results, names, on),
        *_person_faults(form.person, territory),
        *_limit_faults(form.limits, on),
        *_code_faults(form, known_activities),
    ]
    if faults:
        raise invalid(faults)
    return Request(
        person=person_of(form.person, territory),
        results=tuple(_result(result, names, on, WHOLE[form.scale]) for result in form.results),
        wishes=tuple(names.wish(wish) for wish in form.request),
        limits=overrides_of_limits(form.limits).limits(territory.route, on),
        on=on,
        fixed=form.fixed,
        forbidden=form.forbidden,
        placed=placements_of(form.placed),
    )


def placements_of(forms: Sequence[PlacementForm]) -> tuple[Placement, ...]:
    """Return placements as the core takes them."""
    return tuple(Placement(form.activity, form.day, form.exact) for form in forms)


def check_draft(form: DraftForm, known_activities: Container[str], today: date) -> None:
    """Refuse limits and codes of a draft that do not fit."""
    faults = [*_limit_faults(form.limits, today), *_code_faults(form, known_activities)]
    if faults:
        raise invalid(faults)


def _scale_faults(form: RecommendForm) -> Iterator[FieldFault]:
    """Refuse numbers that are no per cents: a request of shares would be answered as if nobody knew anything."""
    if form.scale == "share":
        for place, result in enumerate(form.results):
            if result.percent > 1:
                yield f"results[{place}].percent", "доля не может быть больше 1"
        return
    values = [result.percent for result in form.results]
    if values and max(values) <= 1 and any(0 < value < 1 for value in values):
        sentence = 'все значения не больше 1: если это доли, добавьте "scale": "share"; проценты – от 0 до 100'
        yield "results", sentence


def _result_faults(results: Sequence[ResultForm], names: Names, on: date) -> Iterator[FieldFault]:
    seen: dict[tuple[str, date, str, str], int] = {}
    for place, result in enumerate(results):
        fault = names.fault(result.competency)
        if fault:
            yield f"results[{place}].competency", fault
            continue
        day = result.date or on
        if day > on:
            yield f"results[{place}].date", f"дата {day} позже дня запроса {on}"
        earlier = seen.setdefault((names.code(result.competency), day, result.stage, result.form), place)
        if earlier != place:
            yield f"results[{place}]", f"повторяет results[{earlier}]: те же компетенция, дата, этап и форма"


def _person_faults(person: PersonForm, territory: Territory) -> Iterator[FieldFault]:
    if _municipality(person.municipality, territory) is None:
        yield "person.municipality", f"муниципалитета «{person.municipality[:100]}» нет на территории {territory.code}"


def _municipality(text: str, territory: Territory) -> str | None:
    """Return a municipality as the territory writes it, None where the territory lists its own and this is not one."""
    if not text.strip() or not territory.municipalities:
        return " ".join(text.split())
    return next((name for name in territory.municipalities if compared(name) == compared(text)), None)


def _limit_faults(limits: LimitsForm, on: date) -> Iterator[FieldFault]:
    start = limits.start or on
    if limits.end is not None and limits.end < start:
        yield "limits.to", f"последний день {limits.end} раньше первого {start}"
    elif limits.end is not None and (limits.end - start).days > LONGEST_DAYS:
        yield "limits.to", "маршрут длиннее десяти лет не строится"


def _code_faults(form: RecommendForm | DraftForm, known: Container[str]) -> Iterator[FieldFault]:
    for field, codes in (("fixed", form.fixed), ("forbidden", form.forbidden)):
        for place, code in enumerate(codes):
            if code not in known:
                yield f"{field}[{place}]", f"мероприятия {code} нет в каталоге"
            elif field == "forbidden" and code in form.fixed:
                yield f"{field}[{place}]", f"мероприятие {code} одновременно закреплено и запрещено"
    for place, placement in enumerate(form.placed):
        code = placement.activity
        if code not in known:
            yield f"placed[{place}].activity", f"мероприятия {code} нет в каталоге"
        elif code in form.forbidden:
            yield f"placed[{place}].activity", f"мероприятие {code} одновременно перенесено и запрещено"
        elif any(other.activity == code for other in form.placed[:place]):
            yield f"placed[{place}].activity", f"мероприятие {code} перенесено дважды"


def _result(result: ResultForm, names: Names, on: date, whole: float) -> DiagnosticResult:
    return DiagnosticResult(
        competency=names.code(result.competency),
        percent=round(100 * result.percent / whole, 10) if whole != 100 else result.percent,
        form=result.form,
        stage=result.stage,
        taken_on=result.date or on,
        source=result.source,
        tasks=result.tasks,
    )


def person_of(person: PersonForm, territory: Territory) -> Person:
    """Return the person as the core knows one."""
    return Person(
        kind=person.kind,
        subjects=person.subjects,
        municipality=_municipality(person.municipality, territory) or "",
        young=person.young,
        in_team=person.in_team,
        taken=tuple((taken.activity, taken.date) for taken in person.taken),
        declined=frozenset(person.declined),
    )


def overrides_of_limits(limits: LimitsForm) -> Overrides:
    """Return the limits of a form as what is asked; what it leaves out is up to the rules of the territory."""
    return Overrides(
        hours=limits.hours,
        term_hours=limits.term_hours,
        formats=limits.formats,
        start=limits.start,
        end=limits.end,
        steps=limits.steps,
    )


def overrides_of_draft(form: DraftForm, names: Names) -> Overrides:
    """Return all that a form asks of a draft."""
    return replace(
        overrides_of_limits(form.limits),
        wishes=tuple(map(names.wish, form.request)),
        fixed=form.fixed,
        removed=tuple(Removed(code) for code in form.forbidden),
        placed=placements_of(form.placed),
    )


def activities_of(forms: Sequence[ActivityForm], territory: Territory, framework: Framework) -> tuple[Activity, ...]:
    """Return the caller's own catalogue, checked like one that is imported from a file."""
    names = Names(framework)
    codes = {form.code for form in forms}
    faults = [*_repeated(forms)]
    for place, form in enumerate(forms):
        faults += [(f"activities[{place}]{field}", fault) for field, fault in _activity_faults(form, codes, territory)]
        faults += [(f"activities[{place}]{field}", fault) for field, fault in _tag_faults(form, names)]
    if faults:
        raise invalid(faults)
    return tuple(_activity(form, names, territory) for form in forms)


def _repeated(forms: Sequence[ActivityForm]) -> Iterator[FieldFault]:
    first: dict[str, int] = {}
    for place, form in enumerate(forms):
        earlier = first.setdefault(form.code, place)
        if earlier != place:
            yield f"activities[{place}].code", f"код {form.code} уже есть у activities[{earlier}]"


def _activity_faults(form: ActivityForm, codes: set[str], territory: Territory) -> Iterator[FieldFault]:
    least = LEAST_HOURS.get(form.kind)
    if least is not None and (form.hours is None or form.hours < least):
        yield ".hours", f"у программы должно быть не меньше {least:g} часов"
    for place, delivery in enumerate(form.deliveries):
        if delivery.starts and delivery.ends and delivery.ends < delivery.starts:
            yield f".deliveries[{place}].ends", "окончание раньше начала"
    for place, code in enumerate(form.requires):
        if code == form.code:
            yield f".requires[{place}]", "мероприятие не может требовать само себя"
        elif code not in codes:
            yield f".requires[{place}]", f"мероприятия {code} нет среди activities"
    if _municipality(form.municipality, territory) is None:
        yield ".municipality", f"муниципалитета «{form.municipality[:100]}» нет на территории {territory.code}"


def _tag_faults(form: ActivityForm, names: Names) -> Iterator[FieldFault]:
    for field, tags in (("develops", form.develops), ("proposed", form.proposed)):
        seen: set[str] = set()
        for place, tag in enumerate(tags):
            fault = names.fault(tag.competency)
            if fault is None and names.code(tag.competency) in seen:
                fault = f"компетенция {tag.competency} названа дважды"
            if fault:
                yield f".{field}[{place}].competency", fault
            else:
                seen.add(names.code(tag.competency))


def _activity(form: ActivityForm, names: Names, territory: Territory) -> Activity:
    def tags(given: Sequence[DevelopsForm]) -> tuple[tuple[str, float], ...]:
        return tuple((names.code(tag.competency), tag.relevance) for tag in given)

    return Activity(
        code=form.code,
        kind=form.kind,
        title=form.title,
        provider=form.provider,
        provider_kind=form.provider_kind,
        hours=form.hours,
        format=form.format,
        network=form.network,
        registers=form.registers,
        register_number=form.register_number,
        register_until=form.register_until,
        deliveries=tuple(Delivery(one.starts, one.ends, one.places) for one in form.deliveries),
        subjects=form.subjects,
        audience=form.audience,
        develops=tags(form.develops),
        proposed=tags(form.proposed),
        requires=form.requires,
        municipality=_municipality(form.municipality, territory) or "",
        annotation=form.annotation,
        link=form.link,
    )
