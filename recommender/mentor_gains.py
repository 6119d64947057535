"""What a person's mentors give: it is not chosen, and it is counted before any activity of the route."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import numpy as np

from recommender.catalogue import Floats
from recommender.gains import prior_of
from recommender.route import Closing, Contribution, Deficit, Given, Mentoring, MentoringGain
from recommender.territory import Territory

KIND = "mentoring"


def mentoring_gains(competencies: Iterable[str], territory: Territory) -> tuple[MentoringGain, ...]:
    """Return what a mentor closes of these competencies: the territory's prior of mentoring at its usual hours."""
    prior = prior_of(KIND, territory.default_hours.get(KIND, 0.0), territory)
    if prior is None:
        return ()
    return tuple(MentoringGain(code, prior.gain, prior.spread) for code in sorted(set(competencies)))


def in_order(mentoring: Iterable[Mentoring]) -> tuple[Mentoring, ...]:
    """Return pairs in the order in which they count: by their first day, those without one last, then by key."""
    return tuple(sorted(mentoring, key=lambda one: (one.starts or date.max, one.pair)))


def given_steps(mentoring: Iterable[Mentoring], deficits: Sequence[Deficit]) -> tuple[Given, ...]:
    """Return what the pairs close one after another; the share of a deficit never passes 1 in all.

    Contributions are weight × gap × share for each deficit; the hours of a pair are no hours of the route.
    """
    known, covered = {deficit.competency: deficit for deficit in deficits}, dict[str, float]()
    return tuple(_given(one, known, covered) for one in in_order(mentoring))


def _given(one: Mentoring, deficits: Mapping[str, Deficit], covered: dict[str, float]) -> Given:
    closes: list[Closing] = []
    for part in one.gains:
        before = covered.get(part.competency, 0.0)
        share = min(1.0, before + part.gain) - min(1.0, before)
        if part.competency in deficits and share > 0:
            covered[part.competency] = before + part.gain
            closes.append(Closing(part.competency, share, part.gain, part.spread, _factors(part.gain)))
    contributions = tuple(
        Contribution("closing", closing.competency, deficit.weight * deficit.gap * closing.share)
        for closing in closes
        for deficit in (deficits[closing.competency],)
    )
    score = sum((contribution.value for contribution in contributions), 0.0)
    return Given(one.pair, one.kind, one.starts, one.ends, tuple(closes), contributions, score)


def _factors(gain: float) -> tuple[tuple[str, float], ...]:
    """A mentor is known to master what the pair works on, and both have agreed: only the prior is in doubt."""
    return (("prior", gain), ("relevance", 1.0), ("confirmed", 1.0), ("chance", 1.0))


def given_shares(given: Iterable[Given], deficits: Sequence[Deficit]) -> Floats:
    """Return (d,) the share of each deficit that the pairs close together."""
    shares = dict[str, float]()
    for closing in (closing for one in given for closing in one.closes):
        shares[closing.competency] = shares.get(closing.competency, 0.0) + closing.share
    return np.array([min(1.0, shares.get(deficit.competency, 0.0)) for deficit in deficits], dtype=np.float64)
