"""What a failed statement says: enough to find it, and no value that stood in it."""

import logging
import traceback
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError

from models.accounts import AccountRecord
from models.bulk import add_rows
from models.journal import JournalRecord
from models.session import Session, lost_to_another

NAME = "Ёлкина-Секретная"


def account(**more: Any) -> dict[str, Any]:
    return {"login": NAME, "display_name": NAME, "password_hash": NAME, **more}


def failed(session: Session, record: Any, rows: list[dict[str, Any]], *, bulk: bool) -> DBAPIError:
    """Return the error of rows that the database does not take."""
    with pytest.raises(DBAPIError) as refused:
        add_rows(session, record, rows) if bulk else session.execute(insert(record), rows)
    session.rollback()
    return refused.value


@pytest.mark.parametrize("bulk", [False, True], ids=["statement", "bulk"])
def test_the_error_of_a_statement_holds_no_value(session: Session, bulk: bool) -> None:
    twice = [account(id=71), account(id=72)]
    without = [account(id=73, display_name=None)]
    for rows in (twice, without):
        error = failed(session, AccountRecord, rows, bulk=bulk)
        told = "".join(traceback.format_exception(error))
        assert "account" in told
        assert NAME not in told and NAME not in str(error) and NAME not in repr(error)


def test_a_log_of_the_engine_holds_no_value(session: Session, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="sqlalchemy.engine.Engine"):
        failed(session, AccountRecord, [account(id=71), account(id=72)], bulk=False)
    assert NAME not in caplog.text


def test_a_row_that_is_there_already_is_lost_to_another_and_a_wrong_one_is_not(session: Session) -> None:
    twice = failed(session, AccountRecord, [account(id=71), account(id=72)], bulk=False)
    wrong = failed(session, AccountRecord, [account(id=73, display_name=None)], bulk=False)
    entry = {"at": datetime.now(UTC), "account_id": 404_404, "action": "a", "subject": "s", "details": {}}
    nobody = failed(session, JournalRecord, [entry], bulk=False)
    assert [lost_to_another(error) for error in (twice, wrong, nobody, ValueError(), None)] == [True] + [False] * 4
