"""A line of progress on the error stream: long work shows how far it is and how long it will still take."""

import sys
import time
from dataclasses import dataclass, field

QUIET_SECONDS = 1.0
"""Work that ends sooner shows nothing."""

STEP_SECONDS = 5.0
"""How often a line is written where the stream is no terminal."""


@dataclass(slots=True)
class ProgressLine:
    """Call it with (done, total); `close` leaves the cursor on a fresh line.

    What was done before the first call (work that goes on after a kill) does not count for the pace.
    """

    title: str
    started: float = field(default_factory=time.monotonic)
    shown: float = 0.0
    before: int | None = None

    def __call__(self, done: int, total: int) -> None:
        now, terminal = time.monotonic(), sys.stderr.isatty()
        pause = 0.1 if terminal else STEP_SECONDS
        if self.before is None:
            self.before = done
        last = done >= total and self.shown > 0
        # That nothing is done yet is shown at once: on a new machine the solver is compiled before the first result.
        if (done or not total) and (now - self.started < QUIET_SECONDS or (now - self.shown < pause and not last)):
            return
        self.shown = now
        print(self._line(done, total, now), end="" if terminal else "\n", file=sys.stderr, flush=True)

    def _line(self, done: int, total: int, now: float) -> str:
        """Return the line; on a terminal it is written over the one before."""
        share = done / total if total else 1.0
        new = done - (self.before or 0)
        left = f", осталось {(now - self.started) / new * (total - done):.0f} с" if new > 0 else ", подготовка"
        filled = round(share * 24)
        bar = "█" * filled + "·" * (24 - filled)
        text = f"{self.title}  {bar} {share:4.0%}  {done} из {total}{left}"
        return f"\r\x1b[2K{text}" if sys.stderr.isatty() else text

    def close(self) -> None:
        if self.shown and sys.stderr.isatty():
            print(file=sys.stderr)
