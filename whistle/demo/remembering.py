"""What whistles ask beside the spine while the history is made, answered from memory (see cases/demo)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import cases.workflow
from cases.demo.keeping import Kept
from cases.demo.remembering import asked_once, patched
from whistle import audiences, forms


@contextmanager
def in_memory(kept: Kept) -> Iterator[None]:
    """Inside, a sub-row is read without its case, which is kept, and offices are asked once who sits there.

    Whistles and their sub-rows are few and written at once: what they ask names none of the kept tables.
    """
    with (
        patched(cases.workflow, "_locked_row", _read),
        asked_once(audiences, "held_by", lambda posts: posts),
        asked_once(forms, "departments_for", lambda office: office.pk),
    ):
        yield


def _read(subject: Any) -> Any:
    return None if subject is None else type(subject)._base_manager.get(pk=subject.pk)
