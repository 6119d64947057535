"""Recommendations of a whole region, chunk by chunk, equal to those made one by one."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from joblib import Parallel, delayed

from recommender.ranking import RULES, Ranker
from recommender.recommendation import GAP, Knowledge, Recommendation, recommend
from recommender.route import Request

CHUNK = 64
"""Requests that go to a process at once: enough to hide the way there, few enough for an even load."""

Key = TypeVar("Key")


def recommend_many(
    requests: Iterable[tuple[Key, Request]],
    knowledge: Knowledge,
    ranker: Ranker = RULES,
    jobs: int = 1,
    *,
    gap: float = GAP,
    excluded: bool = False,
) -> Iterator[tuple[Key, Recommendation]]:
    """Yield (key, recommendation) in the order of the requests; the same values as `recommend` gives for each.

    `requests` are read as they are needed, so a region never stands in memory. With `jobs` above one the chunks are
    computed in processes of their own (−1: one per core). Raises `Refused` as `recommend` does.
    """
    chunks = _chunks(requests)
    if jobs == 1:
        made: Iterable[list[tuple[Key, Recommendation]]] = (
            _recommend_chunk(chunk, knowledge, ranker, gap, excluded) for chunk in chunks
        )
    else:
        made = Parallel(n_jobs=jobs, return_as="generator", pre_dispatch="2*n_jobs", max_nbytes=None)(
            delayed(_recommend_chunk)(chunk, knowledge, ranker, gap, excluded) for chunk in chunks
        )
    for results in made:
        yield from results


def _recommend_chunk(
    chunk: Sequence[tuple[Key, Request]], knowledge: Knowledge, ranker: Ranker, gap: float, excluded: bool
) -> list[tuple[Key, Recommendation]]:
    return [(key, recommend(request, knowledge, ranker, gap=gap, excluded=excluded)) for key, request in chunk]


def _chunks(requests: Iterable[tuple[Key, Request]]) -> Iterator[list[tuple[Key, Request]]]:
    source = iter(requests)
    while chunk := list(islice(source, CHUNK)):
        yield chunk
