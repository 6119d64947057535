"""Pairs, their meetings and feedback as the dictionaries that go out."""

from api.access import Sight
from api.mentors import labels
from api.mentors.pairs.answers import Feedback, ListedPair, Meeting
from api.mentors.serializers import person_answer
from api.policy import FieldGroup
from models.pairs import FeedbackRecord, MeetingRecord, PairRecord
from models.people import PersonRecord


def pair_answer(pair: PairRecord, mentee: PersonRecord, mentor: PersonRecord, sight: Sight) -> ListedPair:
    """Return a pair in a list."""
    return {
        "id": pair.id,
        "territory": pair.territory,
        "kind": pair.kind,
        "state": pair.state,
        "run_id": pair.run_id,
        "order_number": pair.order_number,
        "to_replace": pair.to_replace,
        "fit": sight.one(FieldGroup.RESULTS, pair.fit),
        "closing_reason": sight.one(FieldGroup.COMMENTS, pair.closing_reason),
        "proposed_on": pair.proposed_on,
        "mentee_agreed_on": pair.mentee_agreed_on,
        "mentor_agreed_on": pair.mentor_agreed_on,
        "order_date": pair.order_date,
        "starts": pair.starts,
        "ends": pair.ends,
        "closed_on": pair.closed_on,
        "kind_text": labels.KINDS[pair.kind],
        "state_text": labels.PAIR_STATES[pair.state][0],
        "format": pair.format or None,
        "declined_by": pair.declined_by or None,
        "mentee": person_answer(mentee),
        "mentor": person_answer(mentor),
    }


def meeting_answer(meeting: MeetingRecord) -> Meeting:
    """Return a meeting of a pair."""
    return {"id": meeting.id, "held_on": meeting.held_on, "topic": meeting.topic, "outcome": meeting.outcome}


def feedback_answer(feedback: FeedbackRecord) -> Feedback:
    """Return what one side said of a pair."""
    return {
        "side": feedback.side,
        "mark": feedback.mark,
        "comment": feedback.comment,
        "given_at": feedback.given_at,
    }
