"""Who wants, does not want, refused, has or had whom: what pairs and wishes tell a run."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from models.mentors import WishRecord
from models.pairs import DECLINED, ENDED, OPEN, PairRecord


@dataclass(frozen=True)
class PairHistory:
    """Wishes, refusals, earlier pairs, load of mentors and people with a pair, by person."""

    wanted: Mapping[int, frozenset[str]]
    unwanted: Mapping[int, frozenset[str]]
    declined: Mapping[tuple[str, int], frozenset[str]]
    earlier: Mapping[int, tuple[tuple[str, float], ...]]
    load: Mapping[int, int]
    paired: frozenset[int]


def key_of(person_id: int) -> str:
    """Return the key of a person in a run: keys sort like ids."""
    return f"{person_id:010d}"


def history_of(
    wishes: Iterable[WishRecord],
    pairs: Iterable[PairRecord],
    marks: Mapping[int, float],
    stands_for: Mapping[int, int],
) -> PairHistory:
    """Return the ties of people; `marks` tells how good ended pairs were.

    `stands_for` names who stands for a team: ties of any of its members are ties of the team, also after its head
    has changed. A mentee whose pair is to be replaced counts as waiting, and the present mentor as refused.
    """
    wanted, unwanted = _Sets(), _Sets()
    for wish in wishes:
        if wish.kind in ("wanted", "unwanted"):
            mentee, mentor = (stands_for.get(one, one) for one in (wish.mentee_id, wish.mentor_id))
            (wanted if wish.kind == "wanted" else unwanted)[mentee].add(key_of(mentor))
    refused: dict[tuple[str, int], set[str]] = defaultdict(set)
    earlier: dict[int, dict[str, float]] = defaultdict(dict)
    load, paired = defaultdict[int, int](int), set[int]()
    for pair in pairs:
        mentee, mentor = (stands_for.get(one, one) for one in (pair.mentee_id, pair.mentor_id))
        if pair.state in OPEN:
            load[mentor] += 1
        if pair.state in OPEN and not pair.to_replace:
            paired.add(mentee)
        elif pair.state == DECLINED and pair.declined_by == "mentor":
            refused["mentor", mentor].add(key_of(mentee))
        elif pair.state == DECLINED or pair.state in OPEN:
            refused["mentee", mentee].add(key_of(mentor))
        elif pair.state == ENDED and pair.id in marks:
            earlier[mentee][key_of(mentor)] = marks[pair.id]
    return PairHistory(
        wanted=_frozen(wanted),
        unwanted=_frozen(unwanted),
        declined={side: frozenset(keys) for side, keys in refused.items()},
        earlier={mentee: tuple(found.items()) for mentee, found in earlier.items()},
        load=dict(load),
        paired=frozenset(paired),
    )


class _Sets(defaultdict[int, set[str]]):
    """Keys by person."""

    def __init__(self) -> None:
        super().__init__(set)


def _frozen(sets: Mapping[int, set[str]]) -> Mapping[int, frozenset[str]]:
    return {person: frozenset(keys) for person, keys in sets.items()}
