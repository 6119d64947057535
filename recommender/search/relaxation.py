"""Composing one person's route from its problem, and what to give up when the wishes of the rules cannot be met."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from recommender.eligibility.candidates import RULES_IN_ORDER
from recommender.eligibility.offers import FORMAL, PRACTICE, Offers
from recommender.route import Reason
from recommender.search.choice import choose
from recommender.territory import Territory


@dataclass(frozen=True, slots=True)
class Draft:
    """The chosen (offer, option, term from 0), a proven upper bound of the value, and notes.

    `minimum` are the least numbers of practice and formal steps that were kept.
    """

    seats: tuple[tuple[int, int, int], ...]
    bound: float
    minimum: tuple[int, int]
    notes: tuple[Reason, ...]


def draft_route(offers: Offers, territory: Territory, gap: float) -> Draft:
    """Return the best route within the relative `gap`.

    What cannot be met is given up in this order, one at a time: formal steps, then practice steps (with the formal
    ones restored as far as they fit), then the fixed activities from the last named to the first.
    """
    fixed, notes = _possible_fixed(offers)
    rules = territory.route
    # A mentor carries what is learned into lessons, as the practice steps do.
    mentors = len(offers.request.mentoring) if "mentoring" in rules.practice_kinds else 0
    asked = max(0, rules.practice_minimum - mentors), rules.formal_minimum
    most = min(asked[0], offers.available(PRACTICE)), min(asked[1], offers.available(FORMAL))
    for kept, practice, formal in _concessions(len(fixed), *most):
        places = [place for _, place in fixed[:kept]]
        choice = choose(offers, places, (practice, formal), gap=gap)
        if choice is not None:
            dropped = [Reason("fixed_dropped", _named(offers, code)) for code, _ in fixed[kept:]]
            notes = (*notes, *dropped, *_minimum_notes(asked, (practice, formal)))
            return Draft(choice.seats, choice.bound, (practice, formal), notes)
    raise RuntimeError("The empty route was found infeasible")


def _concessions(fixed: int, practice: int, formal: int) -> Iterator[tuple[int, int, int]]:
    for kept in range(fixed, -1, -1):
        for least_practice in range(practice, -1, -1):
            for least_formal in range(formal, -1, -1):
                yield kept, least_practice, least_formal


def _possible_fixed(offers: Offers) -> tuple[tuple[tuple[str, int], ...], tuple[Reason, ...]]:
    """Return the kept activities that rules and placements allow, with their offers, and notes on the others."""
    possible: list[tuple[str, int]] = []
    notes: list[Reason] = []
    for code in offers.request.kept:
        place = offers.place_of(code)
        if code in offers.misplaced:
            notes.append(Reason("placed_missing", (*_named(offers, code), ("day", offers.misplaced[code]))))
            continue
        if place is not None:
            possible.append((code, place))
            continue
        index = int(offers.pool.positions.searchsorted(offers.catalogue.position[code]))
        rule = RULES_IN_ORDER[offers.pool.rule[index]]
        notes.append(Reason("fixed_excluded", (*_named(offers, code), ("rule", rule))))
    return tuple(possible), tuple(notes)


def _minimum_notes(asked: Sequence[int], kept: Sequence[int]) -> Iterator[Reason]:
    for code, wanted, least in zip(("practice_dropped", "formal_dropped"), asked, kept, strict=True):
        if least < wanted:
            yield Reason(code, (("asked", float(wanted)), ("kept", float(least))))


def _named(offers: Offers, code: str) -> tuple[tuple[str, str], ...]:
    title = offers.catalogue.activities[offers.catalogue.position[code]].title
    return (("activity", code), ("title", title))
