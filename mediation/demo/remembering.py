"""What disputes ask beside the spine while the history is made, answered from memory (see cases/demo)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cases.demo.keeping import Kept
from cases.demo.remembering import asked_once
from mediation import audiences, routing


@contextmanager
def in_memory(kept: Kept) -> Iterator[None]:
    """Inside, offices are asked once who sits there, and which committees are above them."""
    with (
        asked_once(audiences, "_held_by", str),
        asked_once(routing, "committees_above", lambda place: place.pk),
        asked_once(routing, "mediators_of", lambda division: division.pk),
        # A committee has a dispute from one of its states to another: which row tells of it is asked once for each.
        asked_once(routing, "docket_of", lambda case: (case.pk, case.state, case.office_id)),
    ):
        yield
