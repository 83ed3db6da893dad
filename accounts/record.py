"""The record of administration: append, and check that the chain is whole.

Every entry holds the hash of the one before it. One advisory lock is held from reading the last entry to the commit,
so two writers cannot both follow the same entry. It is always the last lock that a transaction takes.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from django.db import connection

from accounts.models import AdminAction, AdminEvent, Post, User
from grids import clock

LOCK = 7449370012  # any number that no other advisory lock of the program uses


@dataclass(frozen=True)
class Entry:
    """What one entry is about. `data` holds plain JSON values, never a password or a link."""

    action: AdminAction
    user: User | None = None
    post: Post | None = None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ChainResult:
    """What a check of the chain found. `broken_at` is the number of the first entry that does not fit."""

    entries: int
    broken_at: int | None


def lock() -> None:
    """Waits for the right to append; released at the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def append(*entries: Entry, by: User | None) -> list[AdminEvent]:
    """Writes entries in their order, in the caller's transaction, in one statement.

    `by` None means the installation itself, before anybody had an account.
    """
    lock()
    last = AdminEvent.objects.order_by("-seq").first()
    seq, previous, at = (last.seq if last else 0), (last.hash if last else ""), clock.now()
    rows = []
    for number, entry in enumerate(entries, start=seq + 1):
        row = AdminEvent(
            seq=number,
            at=at,
            actor=by,
            action=entry.action,
            user=entry.user,
            post=entry.post,
            data=entry.data,
            prev_hash=previous,
        )
        row.hash = previous = digest(row)
        rows.append(row)
    return AdminEvent.objects.bulk_create(rows)


def digest(event: AdminEvent) -> str:
    """SHA-256 of the entry in canonical JSON: sorted keys, no blanks, UTF-8, the instant in UTC."""
    content = {
        "seq": event.seq,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": event.actor_id,
        "action": str(event.action),
        "user": event.user_id,
        "post": event.post_id,
        "data": event.data,
        "prev": event.prev_hash,
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def check_chain(first: int = 1) -> ChainResult:
    """Reads the record from entry `first` on and tells where the chain breaks first."""
    events = AdminEvent.objects.filter(seq__gte=first).order_by("seq").iterator()
    before = AdminEvent.objects.filter(seq=first - 1).first()
    previous, expected = (before.hash if before else ""), first
    for event in events:
        if event.seq != expected or event.prev_hash != previous or event.hash != digest(event):
            return ChainResult(entries=expected - first, broken_at=expected)
        previous, expected = event.hash, expected + 1
    return ChainResult(entries=expected - first, broken_at=None)


def check_latest(entries: int = 1000) -> ChainResult:
    """Checks only the newest entries: quick enough for every look at the page."""
    last = AdminEvent.objects.order_by("-seq").first()
    return check_chain(max(1, last.seq - entries + 1 if last else 1))
