"""The line of progress tells how long the rest will take at the pace of this process."""

import pytest

from api.cli.progress import ProgressLine


def test_what_was_done_before_a_kill_does_not_count_for_the_pace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter([10.0, 20.0, 40.0])
    monkeypatch.setattr("api.cli.progress.time.monotonic", lambda: next(clock))
    line = ProgressLine("Маршруты", started=0.0)
    for done in (500, 600, 1000):
        line(done, 1000)
    first, second, last = capsys.readouterr().err.splitlines()
    assert first.endswith("500 из 1000, подготовка")
    # A hundred in twenty seconds: four hundred more take eighty.
    assert second.endswith("600 из 1000, осталось 80 с")
    assert last.endswith("1000 из 1000, осталось 0 с")


def test_short_work_shows_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("api.cli.progress.time.monotonic", lambda: 0.5)
    ProgressLine("Маршруты", started=0.0)(5, 10)
    assert capsys.readouterr().err == ""


def test_the_beginning_of_work_is_shown_at_once_and_no_work_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    ProgressLine("Маршруты")(0, 0)
    assert not capsys.readouterr().err
    ProgressLine("Маршруты")(0, 384)
    assert "0 из 384, подготовка" in capsys.readouterr().err
