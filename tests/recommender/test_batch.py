"""A batch gives what single recommendations give: in one process, in several, and on Dask when a worker dies."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from joblib import parallel_config

from recommender import batch
from recommender.activity import Activity
from recommender.batch import make_many, recommend_many
from recommender.diagnostics import DiagnosticResult
from recommender.explanation.answer import answer
from recommender.explanation.values import Recommendation
from recommender.knowledge import Knowledge
from recommender.recommendation import recommend
from recommender.refusals import Refused
from recommender.route import Request


def told(recommendation: Recommendation, knowledge: Knowledge) -> bytes:
    """Return the bytes of an answer."""
    return json.dumps(answer(recommendation, knowledge), ensure_ascii=False, default=date.isoformat).encode()


@pytest.fixture
def case(world: Any, activity: Callable[..., Activity], result: Callable[..., DiagnosticResult]) -> Any:
    activities = [
        activity(f"A{number}", develops=((code, 1.0),), hours=8.0 + number)
        for number, code in enumerate(["M1", "M2", "S1", "D1", "M1", "M2"])
    ]
    return world(*activities, results=(result("M1", 20.0), result("M2", 40.0), result("D1", 50.0)))


@pytest.fixture
def requests(case: Any, result: Callable[..., DiagnosticResult]) -> list[tuple[str, Request]]:
    """Requests of many people, each a little different."""
    return [
        (f"person {number}", replace(case.request, results=(result("M1", number % 70 / 1.0), result("S1", 30.0))))
        for number in range(150)
    ]


def test_what_is_made_of_each_comes_in_order_and_as_it_would_alone(
    case: Any, requests: list[tuple[str, Request]]
) -> None:
    knowledge = case.knowledge
    alone = [(key, told(recommend(request, knowledge, excluded=False), knowledge)) for key, request in requests]
    assert list(make_many(iter(requests), knowledge, told)) == alone
    assert list(make_many(iter(requests), knowledge, told, jobs=2)) == alone


def test_requests_are_read_as_they_are_needed(case: Any, requests: list[tuple[str, Request]]) -> None:
    read = []

    def reading() -> Iterator[tuple[str, Request]]:
        for pair in requests:
            read.append(pair)
            yield pair

    next(recommend_many(reading(), case.knowledge))
    assert len(read) == batch.CHUNK


def test_a_refused_request_ends_the_batch_in_other_processes_too(
    case: Any, requests: list[tuple[str, Request]], result: Callable[..., DiagnosticResult]
) -> None:
    wrong = ("wrong", replace(case.request, results=(result("M1", 200.0),)))
    for jobs in (1, 2):
        with pytest.raises(Refused, match="percent_outside"):
            list(recommend_many([*requests, wrong], case.knowledge, jobs=jobs))


def test_dask_gives_the_same_bytes_also_when_a_worker_dies(
    case: Any, requests: list[tuple[str, Request]], monkeypatch: pytest.MonkeyPatch
) -> None:
    distributed = pytest.importorskip("distributed")
    # Small chunks, so that some are still to come when the worker is gone.
    monkeypatch.setattr(batch, "CHUNK", 5)
    knowledge = case.knowledge
    alone = [(key, told(recommend(request, knowledge, excluded=False), knowledge)) for key, request in requests]
    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None)
    with cluster, distributed.Client(cluster), parallel_config(backend="dask"):
        made = make_many(iter(requests), knowledge, told, jobs=2)
        some = [next(made) for _ in range(10)]
        os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
        assert some + list(made) == alone
