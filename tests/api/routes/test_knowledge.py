"""What territories have in common: read before the first question, and out of the way of the collector of cycles."""

import gc

import pytest

from api.routes.knowledge import knowledge_of, read_ahead
from models.session import Sessions, transaction


@pytest.fixture(autouse=True)
def _thawed() -> object:
    """Give back to the collector what a test has frozen."""
    yield
    gc.unfreeze()


def test_what_was_read_ahead_is_what_a_question_gets_and_is_no_longer_looked_through(sessions: Sessions) -> None:
    before = gc.get_freeze_count()
    read_ahead(sessions, ["kamchatka"])
    assert gc.get_freeze_count() > before
    with transaction(sessions) as session:
        catalogue = knowledge_of(session, "kamchatka").catalogue
        assert knowledge_of(session, "kamchatka").catalogue is catalogue
    assert not any(one is catalogue for one in gc.get_objects())
