"""Pages of a list by where the last one ended, so that rows coming in between are neither shown twice nor missed."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from django.db.models import Model, Q, QuerySet

M = TypeVar("M", bound=Model)
Mark = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class KeysetPage(Generic[M]):
    """Some rows, and the marks from which the pages before and after them begin (empty at an end)."""

    rows: list[M]
    before: str = ""
    after: str = ""


def page(
    rows: QuerySet[M],
    key: str,
    given: Mapping[str, str],
    *,
    size: int,
    descending: bool = False,
    restart: bool = True,
) -> KeysetPage[M]:
    """The page that `given["after"]` or `given["before"]` names, the first one without either.

    `key` is an instant that every row carries, a field or an annotation that is never empty; equal ones are
    told apart by the primary key. A mark that cannot be read leads to the first page, and so does, with
    `restart`, a mark behind which nothing is left: a person looks for a list, a program for its end.
    """
    after, before = _read(given.get("after", "")), _read(given.get("before", ""))
    mark, forward = (after, True) if after or not before else (before, False)
    rising = descending != forward
    found = rows.order_by(*(name if rising else f"-{name}" for name in (key, "pk")))
    if mark is not None:
        found = found.filter(_beyond(key, mark, "gt" if rising else "lt"))
    # First only the keys: a sort that carries whole rows, with all they join, is several times as slow.
    keys = found.prefetch_related(None).values_list(key, "pk")
    taken: list[Mark] = list(keys[: size + 1])
    more, taken = len(taken) > size, taken[:size]
    if not forward:
        taken.reverse()
    if not taken:
        # What the mark stood before is gone: better the first page than a dead end.
        again = mark is not None and restart
        return page(rows, key, {}, size=size, descending=descending) if again else KeysetPage([])
    has_before, has_after = (mark is not None, more) if forward else (more, True)
    whole = rows.in_bulk([pk for _instant, pk in taken])
    return KeysetPage(
        [whole[pk] for _instant, pk in taken if pk in whole],
        _write(taken[0]) if has_before else "",
        _write(taken[-1]) if has_after else "",
    )


def is_mark(text: str) -> bool:
    """Whether a text is a mark that `page` can read."""
    return _read(text) is not None


def _beyond(key: str, mark: Mark, side: str) -> Q:
    instant, pk = mark
    return Q((f"{key}__{side}", instant)) | Q((key, instant), (f"pk__{side}", pk))


def _write(mark: Mark) -> str:
    instant, pk = mark
    text = json.dumps([instant.isoformat(), pk])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(text: str) -> Mark | None:
    try:
        padded = text + "=" * (-len(text) % 4)
        instant, pk = json.loads(base64.urlsafe_b64decode(padded))
        at = datetime.fromisoformat(instant)
    except (binascii.Error, ValueError, TypeError, RecursionError):
        return None
    sound = at.tzinfo is not None and isinstance(pk, int) and 0 <= pk < 2**63
    return (at, pk) if sound else None
