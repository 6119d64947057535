"""Composing one person's route from its problem, and what to give up when the wishes of the rules cannot be met."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from recommender.assembly import FORMAL, PRACTICE, Assembly
from recommender.candidates import RULES_IN_ORDER
from recommender.composition import InfeasibleRoute, solve_route
from recommender.refusals import Refused
from recommender.route import Reason, Request
from recommender.territory import Territory

NODES = 150
"""Nodes of the search for one person: a teacher waits for it, and the certificate says what is left to prove."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The chosen items with the term (from 0) of each, a proven upper bound of the value, and notes.

    `minimum` are the least numbers of practice and formal steps that were kept.
    """

    chosen: tuple[tuple[int, int], ...]
    bound: float
    minimum: tuple[int, int]
    notes: tuple[Reason, ...]


def draft_route(assembly: Assembly, request: Request, territory: Territory, gap: float) -> Draft:
    """Return the best route within the relative `gap`.

    What cannot be met is given up in this order, one at a time: formal steps, then practice steps (with the formal
    ones restored as far as they fit), then the fixed activities from the last named to the first.
    """
    fixed, notes = _possible_fixed(assembly, request)
    rules = territory.route
    asked = rules.practice_minimum, rules.formal_minimum
    most = min(asked[0], assembly.available(PRACTICE)), min(asked[1], assembly.available(FORMAL))
    for kept, practice, formal in _concessions(len(fixed), *most):
        problem = assembly.problem(request, territory, fixed[:kept], {PRACTICE: practice, FORMAL: formal})
        try:
            solution = solve_route(problem, gap=gap, node_limit=NODES)
        except InfeasibleRoute:
            continue
        dropped = [Reason("fixed_dropped", _named(assembly, code)) for code in fixed[kept:]]
        chosen = tuple(zip(solution.chosen, solution.terms, strict=True))
        notes = (*notes, *dropped, *_minimum_notes(asked, (practice, formal)))
        return Draft(chosen, solution.bound, (practice, formal), notes)
    raise RuntimeError("The empty route was found infeasible")


def _concessions(fixed: int, practice: int, formal: int) -> Iterator[tuple[int, int, int]]:
    for kept in range(fixed, -1, -1):
        for least_practice in range(practice, -1, -1):
            for least_formal in range(formal, -1, -1):
                yield kept, least_practice, least_formal


def _possible_fixed(assembly: Assembly, request: Request) -> tuple[tuple[str, ...], tuple[Reason, ...]]:
    """Return the fixed activities that the rules allow, and a note for each of the others."""
    possible: list[str] = []
    notes: list[Reason] = []
    for code in dict.fromkeys(request.fixed):
        if assembly.items_of(code):
            possible.append(code)
            continue
        index = int((assembly.pool.positions == assembly.catalogue.position[code]).argmax())
        rule = RULES_IN_ORDER[assembly.pool.rule[index]]
        notes.append(Reason("fixed_excluded", (*_named(assembly, code), ("rule", rule))))
    return tuple(possible), tuple(notes)


def _minimum_notes(asked: Sequence[int], kept: Sequence[int]) -> Iterator[Reason]:
    for code, wanted, least in zip(("practice_dropped", "formal_dropped"), asked, kept, strict=True):
        if least < wanted:
            yield Reason(code, (("asked", float(wanted)), ("kept", float(least))))


def _named(assembly: Assembly, code: str) -> tuple[tuple[str, str], ...]:
    if code not in assembly.catalogue.position:
        raise Refused("unknown_activity", activity=code)
    title = assembly.catalogue.activities[assembly.catalogue.position[code]].title
    return (("activity", code), ("title", title))
