"""Programmes of pairs as the dictionaries that go out: Russian words beside codes."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from api.access import Sight
from api.mentors.serializers import Titles, iso
from api.policy import FieldGroup
from api.rendering import reason_text
from models.pairs import PairRecord
from models.programmes import MeasureRecord, ProgrammeRecord
from recommender.mentoring.programme import last_day, month_span

MEASURE_KINDS: Final[Mapping[str, str]] = {
    "consultation": "консультация",
    "lesson_visit": "посещение урока",
    "joint_planning": "совместное планирование",
    "masterclass": "мастер-класс",
    "analysis": "разбор",
    "discussion": "обсуждение шага маршрута",
    "review": "подведение итогов",
}


def programme_answer(
    pair: PairRecord, programme: ProgrammeRecord, measures: Sequence[MeasureRecord], titles: Titles, sight: Sight
) -> dict[str, Any]:
    """Return a programme with its note, goals and measures by month; months count from the first day of the pair."""
    sight.need(FieldGroup.RESULTS)
    starts = pair.starts or programme.starts
    return {
        "pair_id": pair.id,
        "months": programme.months,
        "starts": starts.isoformat(),
        "ends": last_day(starts, programme.months).isoformat(),
        "made_at": iso(programme.made_at),
        "changed_at": iso(programme.changed_at),
        "note": [{**reason, "text": reason_text(reason)} for reason in programme.note],
        "goals": programme.goals,
        "measures": [measure_answer(measure, starts, titles) for measure in measures],
        "done": sum(measure.done_on is not None for measure in measures),
    }


def measure_answer(measure: MeasureRecord, starts: date, titles: Titles) -> dict[str, Any]:
    """Return a measure: its own words where the two wrote some, else the sentences of what was computed."""
    first, last = month_span(starts, measure.month)
    return {
        "id": measure.id,
        "month": measure.month,
        "month_starts": first.isoformat(),
        "month_ends": last.isoformat(),
        "kind": measure.kind,
        "kind_text": MEASURE_KINDS[measure.kind],
        "competency": measure.competency or None,
        "competency_title": titles.get(measure.competency, measure.competency) or None,
        "activity": measure.activity or None,
        "text": measure.text or (reason_text(measure.what) if measure.what else ""),
        "result": measure.result or (reason_text(measure.expected) if measure.expected else ""),
        "own": bool(measure.text),
        "done_on": iso(measure.done_on),
    }
