"""Programmes of pairs as the dictionaries that go out: Russian words beside codes."""

from collections.abc import Sequence
from datetime import date

from api.access import Sight
from api.mentors import labels
from api.mentors.programmes.answers import ProgrammeMeasure, WholeProgramme
from api.mentors.serializers import Titles
from api.policy import FieldGroup
from api.rendering import reason_text
from models.pairs import PairRecord
from models.programmes import MeasureRecord, ProgrammeRecord
from recommender.explanation.stored import with_days
from recommender.mentoring.programme import last_day, month_span
from recommender.mentoring.reasons import KeptReason


def programme_answer(
    pair: PairRecord, programme: ProgrammeRecord, measures: Sequence[MeasureRecord], titles: Titles, sight: Sight
) -> WholeProgramme:
    """Return a programme with its note, goals and measures by month; months count from the first day of the pair."""
    sight.need(FieldGroup.RESULTS)
    starts = pair.starts or programme.starts
    return {
        "pair_id": pair.id,
        "months": programme.months,
        "starts": starts,
        "ends": last_day(starts, programme.months),
        "made_at": programme.made_at,
        "changed_at": programme.changed_at,
        "note": [{**reason, "text": reason_text(reason)} for reason in _reasons(programme.note)],
        "goals": programme.goals,
        "measures": [measure_answer(measure, starts, titles) for measure in measures],
        "done": sum(measure.done_on is not None for measure in measures),
    }


def measure_answer(measure: MeasureRecord, starts: date, titles: Titles) -> ProgrammeMeasure:
    """Return a measure: its own words where the two wrote some, else the sentences of what was computed."""
    first, last = month_span(starts, measure.month)
    return {
        "id": measure.id,
        "month": measure.month,
        "month_starts": first,
        "month_ends": last,
        "kind": measure.kind,
        "kind_text": labels.MEASURE_KINDS[measure.kind],
        "competency": measure.competency or None,
        "competency_title": titles.get(measure.competency, measure.competency) or None,
        "activity": measure.activity or None,
        "text": measure.text or _sentence(measure.what),
        "result": measure.result or _sentence(measure.expected),
        "own": bool(measure.text),
        "done_on": measure.done_on,
    }


def _sentence(reason: KeptReason | None) -> str:
    return "" if reason is None else reason_text(with_days(reason))


def _reasons(note: Sequence[KeptReason]) -> Sequence[KeptReason]:
    return [with_days(reason) for reason in note]
