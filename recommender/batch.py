"""Recommendations of a whole region, chunk by chunk, equal to those made one by one."""

import pickle
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import sha256
from itertools import islice
from typing import Any, TypeVar

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

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
    made: Iterable[list[tuple[Key, Recommendation]]]
    if jobs == 1:
        made = (_recommend_chunk(chunk, knowledge, ranker, gap, excluded) for chunk in chunks)
    else:
        # Knowledge is the same for all chunks and large: packed into one array, it reaches the processes as shared
        # memory, and each process opens it once.
        packed = pickle.dumps((knowledge, ranker), protocol=pickle.HIGHEST_PROTOCOL)
        parcel, token = np.frombuffer(packed, dtype=np.uint8), sha256(packed).hexdigest()
        made = Parallel(n_jobs=jobs, return_as="generator", pre_dispatch="2*n_jobs", max_nbytes="100K")(
            delayed(_recommend_parcel)(chunk, _Parcel(token, parcel), gap, excluded) for chunk in chunks
        )
    for results in made:
        yield from results


class _Parcel:
    """Packed knowledge and ranker; two with the same token hold the same bytes."""

    def __init__(self, token: str, content: NDArray[np.uint8]) -> None:
        self.token = token
        self.content = content

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Parcel) and other.token == self.token

    def __hash__(self) -> int:
        return hash(self.token)


@lru_cache(maxsize=1)
def _opened(parcel: _Parcel) -> tuple[Knowledge, Ranker]:
    opened: Any = pickle.loads(parcel.content.tobytes())
    knowledge, ranker = opened
    return knowledge, ranker


def _recommend_parcel(
    chunk: Sequence[tuple[Key, Request]], parcel: _Parcel, gap: float, excluded: bool
) -> list[tuple[Key, Recommendation]]:
    return _recommend_chunk(chunk, *_opened(parcel), gap, excluded)


def _recommend_chunk(
    chunk: Sequence[tuple[Key, Request]], knowledge: Knowledge, ranker: Ranker, gap: float, excluded: bool
) -> list[tuple[Key, Recommendation]]:
    return [(key, recommend(request, knowledge, ranker, gap=gap, excluded=excluded)) for key, request in chunk]


def _chunks(requests: Iterable[tuple[Key, Request]]) -> Iterator[list[tuple[Key, Request]]]:
    source = iter(requests)
    while chunk := list(islice(source, CHUNK)):
        yield chunk
