"""A clock that the making of history moves, and the order in which its stories go on."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from cases import deadlines
from grids import clock

# A story says when it goes on; the teller sets the clock and lets it.
Story = Iterator[datetime]
TICK = timedelta(microseconds=1)


class Teller:
    """Lets many stories happen side by side, in the order of their times, and every deadline ring in between."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self.now, self.end = start, end
        self.next_bell: Callable[[datetime], datetime | None] = lambda until: None
        self.waiting: list[tuple[datetime, int, Story]] = []
        self.begun = 0

    def add(self, at: datetime, story: Story) -> None:
        """A story that begins at an instant; one that would begin after the end does not happen."""
        self.begun += 1
        heapq.heappush(self.waiting, (at, self.begun, story))

    @contextmanager
    def steering(self) -> Iterator[None]:
        """Inside, `grids.clock` tells the time of the history. Only ever used by `manage.py load_demo`."""
        real = clock._database_time
        clock._database_time = lambda: self.now
        try:
            yield
        finally:
            clock._database_time = real

    def tell(self) -> None:
        """Until nothing more happens before the end. What would come later stays as it is."""
        while self.waiting and self.waiting[0][0] <= self.end:
            at, number, story = heapq.heappop(self.waiting)
            self._ring_until(at)
            # Never the same instant twice: the entries of a case follow each other.
            self.now = min(max(self.now + TICK, at), self.end)
            following = next(story, None)
            if following is not None:
                heapq.heappush(self.waiting, (max(following, self.now), number, story))
        self._ring_until(self.end)
        self.now = self.end

    def _ring_until(self, at: datetime) -> None:
        """Let every mark up to an instant take effect at its own time."""
        while (first := self.next_bell(at)) is not None:
            self.now = max(self.now + TICK, first)
            deadlines.ring_due()
