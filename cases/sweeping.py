"""What falls away with time and leaves no trace that matters: orphaned files, old idempotency keys."""

from __future__ import annotations

from typing import NamedTuple

from cases import attachments, idempotency
from grids import clock


class Swept(NamedTuple):
    """How much was removed."""

    files: int
    keys: int


def sweep() -> Swept:
    """Remove files that no attachment speaks of (a day old at least) and keys past their 30 days."""
    now = clock.now()
    return Swept(sum(1 for _path in attachments.sweep(now)), idempotency.sweep(now))
