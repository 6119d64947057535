"""Pins that cannot hold: more than a mentor has places, without consent, or of people whom no run pairs."""

from collections.abc import Iterator, Mapping, Sequence

from data.spreadsheets.plan import Notice
from data.tables.rows import KnownMentor, KnownPerson, KnownWish, WishRow

Pins = Mapping[int, Sequence[int]]
"""Mentees by the mentor to whom they are pinned."""


def held_pins(rows: Sequence[WishRow], known: Mapping[tuple[int, int], KnownWish]) -> Pins:
    """Return the pins that there are once the rows of a file are applied over the known wishes."""
    kinds = {pair: wish.kind for pair, wish in known.items()} | {(row.mentee, row.mentor): row.kind for row in rows}
    pins: dict[int, list[int]] = {}
    for (mentee, mentor), kind in sorted(kinds.items()):
        if kind == "pinned":
            pins.setdefault(mentor, []).append(mentee)
    return pins


def pin_notices(
    pins: Pins, people: Mapping[int, KnownPerson], mentors: Mapping[int, KnownMentor], places: int
) -> Iterator[Notice]:
    """Yield a warning with names for every mentor whose pins cannot all hold; `places` is the territory's number."""
    for mentor, mentees in pins.items():
        if mentor not in mentors:
            continue
        row, named = mentors[mentor].row, f"наставником {_called(people, mentor)}"
        held = ", ".join(_called(people, one) for one in mentees)
        most = places if row.places is None else row.places
        if not row.consent:
            yield Notice("pin_without_consent", f"За {named} закреплены {held}, а согласия наставника нет.")
        if most < len(mentees):
            yield Notice("pins_over_places", f"За {named} закреплены {held}: их {len(mentees)}, а мест {most}.")
        for mentee in mentees:
            if _outside(people, mentee, mentor):
                message = f"За {named} закреплён {_called(people, mentee)}: управленец не входит в подбор этого вида."
                yield Notice("pin_outside_runs", message)


def _called(people: Mapping[int, KnownPerson], person: int) -> str:
    row = people[person].row
    return f"«{row.full_name}»" + (f" ({row.external_id})" if row.external_id else "")


def _outside(people: Mapping[int, KnownPerson], mentee: int, mentor: int) -> bool:
    """Tell whether no run pairs the two: managers are paired as teams only, and with teams."""
    return people[mentee].row.kind == "manager" and people[mentor].row.kind != "manager"
