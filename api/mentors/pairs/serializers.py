"""Pairs, their meetings and feedback as the dictionaries that go out."""

from typing import Any

from api.access import Sight
from api.mentors import labels
from api.mentors.serializers import iso, person_answer
from api.policy import FieldGroup
from models.pairs import FeedbackRecord, MeetingRecord, PairRecord
from models.people import PersonRecord


def pair_answer(pair: PairRecord, mentee: PersonRecord, mentor: PersonRecord, sight: Sight) -> dict[str, Any]:
    """Return a pair in a list."""
    names = ("id", "territory", "kind", "state", "run_id", "fit", "closing_reason", "order_number", "to_replace")
    days = ("proposed_on", "mentee_agreed_on", "mentor_agreed_on", "order_date", "starts", "ends", "closed_on")
    return {
        **{name: getattr(pair, name) for name in names},
        **sight.of(FieldGroup.RESULTS, {"fit": pair.fit}),
        **sight.of(FieldGroup.COMMENTS, {"closing_reason": pair.closing_reason}),
        **{name: iso(getattr(pair, name)) for name in days},
        "kind_text": labels.KINDS[pair.kind],
        "state_text": labels.PAIR_STATES[pair.state][0],
        "format": pair.format or None,
        "declined_by": pair.declined_by or None,
        "mentee": person_answer(mentee),
        "mentor": person_answer(mentor),
    }


def meeting_answer(meeting: MeetingRecord) -> dict[str, Any]:
    """Return a meeting of a pair."""
    return {"id": meeting.id, "held_on": iso(meeting.held_on), "topic": meeting.topic, "outcome": meeting.outcome}


def feedback_answer(feedback: FeedbackRecord) -> dict[str, Any]:
    """Return what one side said of a pair."""
    return {
        "side": feedback.side,
        "mark": feedback.mark,
        "comment": feedback.comment,
        "given_at": iso(feedback.given_at),
    }
