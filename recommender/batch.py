"""Recommendations of a whole region, chunk by chunk, equal to those made one by one."""

import gc
import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from itertools import islice
from typing import Any, Generic, TypeVar

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from recommender.explanation.values import Recommendation
from recommender.knowledge import Knowledge
from recommender.ranking import RULES, Ranker
from recommender.recommendation import GAP, recommend
from recommender.route import Request

CHUNK = 64
"""Requests that go to a process at once: enough to hide the way there, few enough for an even load."""

Key = TypeVar("Key")
Made = TypeVar("Made")
Finish = Callable[[Recommendation, Knowledge], Made]
"""What is made of a recommendation where it was computed, so that only what is wanted travels between processes."""


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
    return make_many(requests, knowledge, _itself, ranker, jobs, gap=gap, excluded=excluded)


def make_many(
    requests: Iterable[tuple[Key, Request]],
    knowledge: Knowledge,
    finish: Finish[Made],
    ranker: Ranker = RULES,
    jobs: int = 1,
    *,
    gap: float = GAP,
    excluded: bool = False,
) -> Iterator[tuple[Key, Made]]:
    """Yield (key, finish(recommendation, knowledge)) as `recommend_many` would yield the recommendation.

    `finish` runs in the process that made the recommendation and is a function of a module; an answer as text, say,
    travels several times faster than the objects that it was made from.
    """
    work = _Work(finish, gap, excluded)
    chunks = _chunks(requests)
    made: Iterable[list[tuple[Key, Made]]]
    if jobs == 1:
        made = (_make_chunk(chunk, knowledge, ranker, work) for chunk in chunks)
    else:
        # Knowledge is the same for all chunks and large: packed into one array, it reaches the processes as shared
        # memory, and each process opens it once.
        packed = pickle.dumps((knowledge, ranker), protocol=pickle.HIGHEST_PROTOCOL)
        parcel, token = np.frombuffer(packed, dtype=np.uint8), sha256(packed).hexdigest()
        made = Parallel(n_jobs=jobs, return_as="generator", pre_dispatch="2*n_jobs", max_nbytes="100K")(
            delayed(_make_of_parcel)(chunk, _Parcel(token, parcel), work) for chunk in chunks
        )
    for results in made:
        yield from results


def _itself(recommendation: Recommendation, knowledge: Knowledge) -> Recommendation:
    return recommendation


@dataclass(frozen=True, slots=True)
class _Work(Generic[Made]):
    """What is to be made of each request."""

    finish: Finish[Made]
    gap: float
    excluded: bool


@dataclass(frozen=True)
class _Parcel:
    """Packed knowledge and ranker; two with the same token hold the same bytes."""

    token: str
    content: NDArray[np.uint8] = field(compare=False)


@lru_cache(maxsize=1)
def _opened(parcel: _Parcel) -> tuple[Knowledge, Ranker]:
    opened: Any = pickle.loads(parcel.content.tobytes())
    # What was opened lives as long as the process: the collector of cycles need not look through it ever again.
    gc.freeze()
    knowledge, ranker = opened
    return knowledge, ranker


def _make_of_parcel(chunk: Sequence[tuple[Key, Request]], parcel: _Parcel, work: _Work[Made]) -> list[tuple[Key, Made]]:
    return _make_chunk(chunk, *_opened(parcel), work)


def _make_chunk(
    chunk: Sequence[tuple[Key, Request]], knowledge: Knowledge, ranker: Ranker, work: _Work[Made]
) -> list[tuple[Key, Made]]:
    return [
        (key, work.finish(recommend(request, knowledge, ranker, gap=work.gap, excluded=work.excluded), knowledge))
        for key, request in chunk
    ]


def _chunks(requests: Iterable[tuple[Key, Request]]) -> Iterator[list[tuple[Key, Request]]]:
    source = iter(requests)
    while chunk := list(islice(source, CHUNK)):
        yield chunk
