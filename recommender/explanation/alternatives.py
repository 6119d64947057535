"""What could stand in the place of a step while the rest of the route stays, and what that would change."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from recommender.eligibility.offers import Offers
from recommender.explanation.kernels import replacements
from recommender.explanation.steps import Placed
from recommender.route import Alternative
from recommender.search.choice import case_of

SHOWN: Final = 2


def find_alternatives(
    placed: Sequence[Placed], offers: Offers, minimum: tuple[int, int]
) -> tuple[tuple[Alternative, ...], ...]:
    """Return for each step the best replacements that break no rule while all other steps stay, by value, then code.

    A step that others require has none. A replacement closes something and is another activity; the route keeps its
    `minimum` numbers of practice and formal steps.
    """
    seats = np.array([step.seat for step in placed], dtype=np.int64).reshape(-1, 3)
    found = replacements(case_of(offers, minimum), seats, SHOWN)
    return tuple(
        tuple(
            _alternative(other, option, change, step, offers)
            for other, option, change in zip(*row, strict=True)
            if other >= 0
        )
        for step, *row in zip(placed, *(table.tolist() for table in found), strict=True)
    )


def _alternative(offer: int, option: int, value_change: float, step: Placed, offers: Offers) -> Alternative:
    catalogue, position = offers.catalogue, offers.positions.item(offer)
    delivery = offers.rows.item(option) - catalogue.deliveries.first.item(position)
    hours_change = offers.hours.item(offer) - offers.hours.item(step.item)
    return Alternative(catalogue.activities[position].code, delivery, value_change, hours_change)
