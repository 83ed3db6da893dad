"""A clock that the making of history moves, and the order in which its stories go on."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from cases import deadlines
from cases.errors import CaseError
from cases.models import DeadlineMark
from grids import clock

# A story says when it goes on; the teller sets the clock and lets it.
Story = Iterator[datetime]


class Teller:
    """Lets many stories happen side by side, in the order of their times, and every deadline ring in between."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self.now, self.end = start, end
        self.waiting: list[tuple[datetime, int, Story]] = []
        self.started = 0
        self.ended_early: list[str] = []

    def add(self, at: datetime, story: Story) -> None:
        """A story that begins at an instant."""
        self.started += 1
        heapq.heappush(self.waiting, (at, self.started, story))

    @contextmanager
    def steering(self) -> Iterator[None]:
        """Inside, `grids.clock` tells the time of the history. Only ever used by `manage.py load_demo`."""
        real = clock._database_time
        clock._database_time = lambda: self.now
        try:
            yield
        finally:
            clock._database_time = real

    def tell(self, progress: Callable[[], None]) -> None:
        """Until nothing more happens before the end. What would come later stays as it is."""
        while self.waiting and self.waiting[0][0] <= self.end:
            at, number, story = heapq.heappop(self.waiting)
            self._ring_until(at)
            self.now = max(self.now, at) + timedelta(microseconds=1)
            following = self._go_on(story)
            if following is not None:
                heapq.heappush(self.waiting, (max(following, self.now), number, story))
            progress()
        self._ring_until(self.end)
        self.now = self.end

    def _go_on(self, story: Story) -> datetime | None:
        """The next instant of a story. A story whose next step is not possible any more ends there."""
        try:
            return next(story, None)
        except CaseError as error:
            self.ended_early.append(str(error))
            return None

    def _ring_until(self, at: datetime) -> None:
        while True:
            mark = DeadlineMark.objects.filter(taken_at__isnull=True, at__lte=at).order_by("at").first()
            if mark is None or mark.at is None:
                return
            self.now = max(self.now, mark.at)
            deadlines.ring_due()
