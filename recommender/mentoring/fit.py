"""The fit of one pair: which rule bars it, or the contributions that add up to it; the measure of the array form."""

from collections.abc import Iterator, Mapping
from typing import Final

from recommender.mentoring.values import Mentee, Mentor, PairRules, are_near
from recommender.route import Contribution

MILLION: Final = 10**6
"""Contributions are whole millionths, so that the fit of a pair is their sum exactly and costs need no rounding."""

BARRIERS: Final = (
    "mentee_group",
    "mentee_consent",
    "mentor_group",
    "mentor_consent",
    "contest",
    "self",
    "reach",
    "experience",
    "subject",
    "strength",
    "declined",
    "forbidden",
)
"""Rules that bar a pair, in the order in which they are asked: the first one that bars is named."""

UNPINNABLE: Final = frozenset({"mentee_consent", "mentor_consent", "self", "declined", "forbidden"})
"""Barriers that no coordinator lifts by pinning: people said no, or the pair is none."""

CLOSE: Final[Mapping[str, int]] = {"municipality": 2, "neighbours": 1, "territory": 0}
"""How close two people must work to meet in person: 2 in one municipality, 1 in neighbours, 0 anywhere."""

Neighbours = Mapping[str, tuple[str, ...]]


def closeness(first: str, second: str, neighbours: Neighbours) -> int:
    """Return 2 for one municipality, 1 for neighbours and 0 for others."""
    return 2 if first == second else int(are_near(first, second, neighbours))


def mentor_places(mentor: Mentor, rules: PairRules) -> int:
    """Return the places of a mentor that running pairs leave, at least 0."""
    places = rules.places if mentor.places is None else mentor.places
    return max(0, places - mentor.load)


def need_units(mentee: Mentee, rules: PairRules) -> tuple[tuple[str, float], ...]:
    """Return for each need what full help would contribute: weight × share of the need, in millionths, unrounded."""
    total = sum(need.weight for need in mentee.needs)
    most = rules.weights.competency * MILLION
    return tuple((need.competency, most * (need.weight / total)) for need in mentee.needs if need.weight > 0)


def meeting_format(mentee: Mentee, mentor: Mentor, rules: PairRules, neighbours: Neighbours) -> str | None:
    """Return how a pair may meet at best: in_person, else distance, else None."""
    both = mentee.formats & mentor.formats
    near = closeness(mentee.municipality, mentor.municipality, neighbours) >= CLOSE[rules.reach]
    if near and "in_person" in both:
        return "in_person"
    return "distance" if rules.distance and "distance" in both else None


def barriers(mentee: Mentee, mentor: Mentor, rules: PairRules, neighbours: Neighbours) -> tuple[str, ...]:
    """Return every rule that bars a pair, in the order of BARRIERS; bans by hand are not known here."""
    barred = {
        "mentee_group": not mentee.groups & rules.mentee_groups,
        "mentee_consent": not mentee.consent,
        "mentor_group": not mentor.groups & rules.mentor_groups,
        "mentor_consent": not mentor.consent,
        "contest": rules.contest_required and not mentor.contest,
        "self": mentee.key == mentor.key,
        "reach": meeting_format(mentee, mentor, rules, neighbours) is None,
        "experience": not _senior_enough(mentee, mentor, rules),
        "subject": rules.same_subject and not mentee.subjects & mentor.subjects,
        "strength": rules.strength_required and not tuple(_help(mentee, mentor, rules)),
        "declined": mentor.key in mentee.declined or mentee.key in mentor.declined,
    }
    return tuple(rule for rule in BARRIERS if barred.get(rule))


def _senior_enough(mentee: Mentee, mentor: Mentor, rules: PairRules) -> bool:
    """An unknown experience does not meet a rule on experience."""
    if rules.experience_years is None:
        return True
    if mentee.experience is None or mentor.experience is None:
        return False
    return mentor.experience - mentee.experience >= rules.experience_years


def _help(mentee: Mentee, mentor: Mentor, rules: PairRules) -> Iterator[tuple[str, int]]:
    """Yield the competencies in which the mentor is strong and the mentee has a need, with millionths of the fit."""
    strong = {one.competency: one.certain for one in mentor.strengths if one.mastery >= rules.strong_at}
    for competency, most in need_units(mentee, rules):
        if strong.get(competency, 0.0) > 0:
            yield competency, round(strong[competency] * most)


def fit_parts(mentee: Mentee, mentor: Mentor, rules: PairRules, neighbours: Neighbours) -> tuple[Contribution, ...]:
    """Return the contributions to the fit of a pair, each a multiple of 1e-6; those of 0 are left out.

    Codes: possible, competency (one for each competency in which the mentor is strong and the mentee has a need:
    weight × share of the need × certain mastery), subject, nearness, format, contest, wanted_by_mentee,
    wanted_by_mentor, unwanted_by_mentee, unwanted_by_mentor, continuity, load, waiting. The fit is their sum.
    """
    plain = [(code, "", round(value * MILLION)) for code, value in _plain_parts(mentee, mentor, rules, neighbours)]
    helped = [("competency", competency, units) for competency, units in _help(mentee, mentor, rules)]
    return tuple(Contribution(code, of, units / MILLION) for code, of, units in helped + plain if units)


def _plain_parts(
    mentee: Mentee, mentor: Mentor, rules: PairRules, neighbours: Neighbours
) -> Iterator[tuple[str, float]]:
    weights = rules.weights
    yield "possible", weights.possible
    yield "subject", weights.subject * bool(mentee.subjects & mentor.subjects)
    yield "nearness", nearness_part(closeness(mentee.municipality, mentor.municipality, neighbours), rules)
    yield "format", weights.format * (meeting_format(mentee, mentor, rules, neighbours) == "in_person")
    yield "contest", weights.contest * mentor.contest
    yield from wish_parts(mentee, mentor, rules)
    yield "load", load_part(mentor, rules)
    yield "waiting", waiting_part(mentee, rules)


def nearness_part(close: int, rules: PairRules) -> float:
    """Return what a closeness of 0, 1 or 2 contributes."""
    return rules.weights.nearness * close / 2


def load_part(mentor: Mentor, rules: PairRules) -> float:
    """Return what the running pairs of a mentor take away: the share of all places that they fill."""
    places = rules.places if mentor.places is None else mentor.places
    return -rules.weights.load * min(1.0, mentor.load / max(places, 1))


def waiting_part(mentee: Mentee, rules: PairRules) -> float:
    """Return what the waiting of a mentee contributes, full after `waiting_full_days`."""
    return rules.weights.waiting * min(1.0, max(0, mentee.waiting_days) / rules.waiting_full_days)


def wish_parts(mentee: Mentee, mentor: Mentor, rules: PairRules) -> Iterator[tuple[str, float]]:
    """Yield what this pair alone has: wishes of both, and continuity with an earlier pair that was good."""
    weights = rules.weights
    yield "wanted_by_mentee", weights.wanted_by_mentee * (mentor.key in mentee.wanted)
    yield "wanted_by_mentor", weights.wanted_by_mentor * (mentee.key in mentor.wanted)
    yield "unwanted_by_mentee", -weights.unwanted * (mentor.key in mentee.unwanted)
    yield "unwanted_by_mentor", -weights.unwanted * (mentee.key in mentor.unwanted)
    yield "continuity", weights.continuity * dict(mentee.earlier).get(mentor.key, 0.0)
