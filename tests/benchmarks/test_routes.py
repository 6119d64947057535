"""The benchmark of routes on two small instances: nothing contradicts HiGHS, and what HiGHS found is kept."""

import argparse
from pathlib import Path

import pytest

from benchmarks import routes_peers
from benchmarks.routes import CLOCKS, Row, measure
from benchmarks.routes_peers import Peers

SIZE = (100, 20, "scheduled")


def measured(kept: Path) -> Row:
    clock = CLOCKS["cpu"]
    options = argparse.Namespace(instances=2, peers=2, near=1)
    return measure(SIZE, options, Peers(kept, "cpu", clock), clock)


def test_what_highs_found_contradicts_nothing_and_is_not_looked_for_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "peers.jsonl"
    first = measured(kept)
    assert first.wrong == []
    assert (len(first.own), len(first.highs), len(first.highs_gap)) == (2, 2, 1)
    monkeypatch.setattr(routes_peers, "solve_exactly", None)
    second = measured(kept)
    assert (second.highs, second.off) == (first.highs, first.off)
    assert len(kept.read_text(encoding="utf-8").splitlines()) == 2


def test_an_optimum_that_we_miss_is_called_wrong(tmp_path: Path) -> None:
    kept = tmp_path / "peers.jsonl"
    measured(kept)
    lines = kept.read_text(encoding="utf-8").replace('"value": ', '"value": 1')
    kept.write_text(lines, encoding="utf-8")
    assert any("exact route differs" in fault for fault in measured(kept).wrong)
