"""What a change by hand does to an assignment: one mentee gets another mentor, and whoever had that place gives way."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from recommender.mentoring.fit import MILLION, UNPINNABLE, Neighbours, barriers, fit_parts, meeting_format
from recommender.mentoring.values import Mentee, Mentor, Pair, PairRules


@dataclass(frozen=True, slots=True)
class Holder:
    """A mentee of the wanted mentor, with the fit of their pair."""

    mentee: Mentee
    fit: float


@dataclass(frozen=True, slots=True)
class HandChange:
    """One way to give a mentee a certain mentor: the new pairs, and what the whole gains.

    `other` is the key of the mentee who gives the place up, "" where it is free; that mentee gets the first one's
    former mentor by the second pair, or nobody. `coverage` and `total` are gains, mostly below 0; `lifted` names the
    rules that the new pairs break and a pin lifts.
    """

    pairs: tuple[Pair, ...]
    other: str
    coverage: int
    total: float
    lifted: tuple[str, ...]


def changes_by_hand(
    mentee: Mentee,
    former: tuple[Mentor, float] | None,
    wanted: Mentor,
    holders: Iterable[Holder],
    *,
    free: bool,
    rules: PairRules,
    neighbours: Neighbours,
) -> tuple[HandChange, ...]:
    """Return the ways to give a mentee the wanted mentor, the best for the whole first; none where a refusal bars it.

    `former` is the present mentor with the fit of that pair. With a free place nobody else moves. Otherwise each of
    the `holders` may exchange mentors with the mentee, or leave the place where the mentee had no mentor. Ties: the
    lower key of the other mentee.

    >>> rules = PairRules("subject", same_subject=False)
    >>> [round(one.total, 1) for one in changes_by_hand(
    ...     Mentee("a"), None, Mentor("m"), (), free=True, rules=rules, neighbours={})]
    [4.5]
    """
    own = _pair(mentee, wanted, rules, neighbours)
    if own is None:
        return ()
    lost = former[1] if former else 0.0
    if free:
        return (HandChange((own[0],), "", int(former is None), _units(own[0].fit - lost), own[1]),)
    found = list(_exchanges(own, former, holders, rules, neighbours))
    return tuple(sorted(found, key=lambda change: (-change.coverage, -change.total, change.other)))


def _exchanges(
    own: tuple[Pair, tuple[str, ...]],
    former: tuple[Mentor, float] | None,
    holders: Iterable[Holder],
    rules: PairRules,
    neighbours: Neighbours,
) -> Iterator[HandChange]:
    for holder in holders:
        if former is None:
            yield HandChange((own[0],), holder.mentee.key, 0, _units(own[0].fit - holder.fit), own[1])
            continue
        other = _pair(holder.mentee, former[0], rules, neighbours)
        if other is not None:
            total = own[0].fit + other[0].fit - former[1] - holder.fit
            lifted = tuple(dict.fromkeys((*own[1], *other[1])))
            yield HandChange((own[0], other[0]), holder.mentee.key, 0, _units(total), lifted)


def _pair(
    mentee: Mentee, mentor: Mentor, rules: PairRules, neighbours: Neighbours
) -> tuple[Pair, tuple[str, ...]] | None:
    """Return a pair with the rules that it needs lifted, None where no pin may lift one."""
    lifted = barriers(mentee, mentor, rules, neighbours)
    if UNPINNABLE.intersection(lifted):
        return None
    parts = fit_parts(mentee, mentor, rules, neighbours)
    fit = _units(sum(part.value for part in parts))
    meeting = meeting_format(mentee, mentor, rules, neighbours) or "distance"
    return Pair(mentee.key, mentor.key, fit, parts, meeting, pinned=True), lifted


def _units(value: float) -> float:
    return round(value * MILLION) / MILLION
