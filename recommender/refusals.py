"""The one error of the core: a question that has no meaning is refused by code, never answered by a guess."""

from collections.abc import Callable
from datetime import date

from recommender.route import Reason


class Refused(ValueError):
    """A request names something unknown or impossible; `reason` has a code of `recommender.reasons.REFUSALS`."""

    def __init__(self, code: str, **values: str | float | date | None) -> None:
        self.reason = Reason(code, tuple(values.items()))
        super().__init__(f"{code}: " + ", ".join(f"{name} = {value!s}" for name, value in values.items()))

    def __reduce__(self) -> tuple[Callable[[Reason], "Refused"], tuple[Reason]]:
        # Errors cross process borders in batches, and an exception is rebuilt from its arguments there.
        return _rebuild, (self.reason,)


def _rebuild(reason: Reason) -> Refused:
    return Refused(reason.code, **dict(reason.values))
