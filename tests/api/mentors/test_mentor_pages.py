"""Pages of runs: the button, the board with its totals and reasons, and those without a mentor."""

import re
from typing import Any

import pytest
from flask import Flask

from models.session import transaction

TERRITORY = "kamchatka"


@pytest.fixture
def people(service: Any, app: Flask, filled: Any) -> dict[str, int]:
    """Four young teachers and two mentors with three places, beside the people of the service."""
    with transaction(app.extensions["sessions"]) as session:
        return dict(filled(session, places=(1, 2)).ids)


@pytest.fixture
def board(people: dict[str, int], visit: Any) -> tuple[Any, str]:
    """The coordinator and the address of a computed run."""
    reader = visit("coordinator")
    made = reader.post("/mentors", {"territory": TERRITORY, "kind": "young", "objective": "coverage"})
    assert made.status_code == 303, made.text
    return reader, made.location


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\u00a0", " "))


def test_the_board_shows_total_pairs_and_reasons(board: Any) -> None:
    reader, path = board
    page = plain(reader.get(path).text)
    assert "Охват 3 из 4, сумма" in page and "от лучшего возможного" in page
    assert "тот же предмет" in page.lower()
    assert page.count("Закрепить</button>") == 3
    alone = plain(reader.get(f"{path}?tab=alone").text)
    assert "заняты места" in alone and "Попросить ещё одно место: наставник" in alone
    assert "Никого не нашлось" in reader.get(f"{path}?q=никто").text
    assert reader.get(f"{path}?after=zzz").status_code == 404
    assert "№ 1" in reader.get("/mentors").text
