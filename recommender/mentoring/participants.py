"""How the rest of the core becomes mentors and mentees: deficits, profiles, teams, and a territory's rules of pairs."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import sqrt
from types import MappingProxyType
from typing import Final

from recommender.diagnostics import Person
from recommender.mentoring.values import FitWeights, Need, PairRules, Strength
from recommender.profile import CompetencyProfile
from recommender.refusals import Refused
from recommender.route import Deficit
from recommender.territory import MentoringRule

DECLARED_MASTERY: Final = 0.9
DECLARED_UNCERTAINTY: Final = 0.15
"""What a competency counts that a mentor's file names as strong and no diagnostic has measured."""

KIND_RULES: Final[Mapping[str, PairRules]] = MappingProxyType(
    {
        "young": PairRules("young", frozenset({"young"}), frozenset({"experienced"})),
        "subject": PairRules("subject", same_subject=True),
        "competence": PairRules("competence", strength_required=True),
        "team": PairRules("team", frozenset({"team"}), frozenset({"team"})),
    }
)
"""What makes a kind of pair that kind; everything else is the territory's. Reverse mentoring is «competence»: whoever
masters a competency may accompany whoever lacks it, a young teacher too, unless the territory asks for experience."""


def pair_rules(rule: MentoringRule) -> PairRules:
    """Return the rules of a kind of pair in a territory.

    Where the territory wants mentors chosen by contest first, this outweighs all other contributions together.
    Raises Refused for an unknown kind.
    """
    if rule.kind not in KIND_RULES:
        raise Refused("unknown_pair_kind", kind=rule.kind)
    weights = FitWeights()
    if rule.contest_first:
        others = sum(getattr(weights, name) for name in FitWeights.__dataclass_fields__ if name != "contest")
        weights = replace(weights, contest=others)
    return replace(
        KIND_RULES[rule.kind],
        places=rule.places,
        distance=rule.distance,
        experience_years=rule.experience_years or None,
        weights=weights,
    )


def groups_of(person: Person) -> frozenset[str]:
    """Return the groups of a person: a teacher is young or experienced besides."""
    if person.kind == "manager":
        return frozenset({"manager"})
    return frozenset({"teacher", "young" if person.young else "experienced"})


def needs_of(deficits: Iterable[Deficit]) -> tuple[Need, ...]:
    """Return the needs of a person: weight × gap of every deficit that weighs anything."""
    return tuple(Need(one.competency, one.weight * one.gap) for one in deficits if one.weight * one.gap > 0)


def strengths_of(profile: CompetencyProfile, declared: Iterable[str] = ()) -> tuple[Strength, ...]:
    """Return the strengths of a mentor: what diagnostics measured, and declared competencies that they did not.

    A self-assessment alone proves no strength, and a measurement outweighs a declaration.
    """
    measured = {one.competency: one for one in profile.masteries if not one.self_only}
    stated = sorted(set(declared) - measured.keys())
    return tuple(Strength(code, one.mastery, one.uncertainty) for code, one in measured.items()) + tuple(
        Strength(code, DECLARED_MASTERY, DECLARED_UNCERTAINTY) for code in stated
    )


def team_needs(members: Iterable[Iterable[Need]]) -> tuple[Need, ...]:
    """Return the needs of a team: the mean over all its members, 0 where a member has no such deficit."""
    people = [tuple(needs) for needs in members]
    totals: dict[str, float] = {}
    for need in (need for needs in people for need in needs):
        totals[need.competency] = totals.get(need.competency, 0.0) + need.weight
    return tuple(Need(code, totals[code] / len(people)) for code in sorted(totals))


def team_strengths(members: Iterable[Iterable[Strength]]) -> tuple[Strength, ...]:
    """Return the strengths of a team: the mean of the members that were measured, with the deviation of that mean."""
    found: dict[str, list[Strength]] = {}
    for strength in (strength for strengths in members for strength in strengths):
        found.setdefault(strength.competency, []).append(strength)
    return tuple(
        Strength(
            code,
            sum(one.mastery for one in found[code]) / len(found[code]),
            sqrt(sum(one.uncertainty**2 for one in found[code])) / len(found[code]),
        )
        for code in sorted(found)
    )
