"""The append-only record: each entry carries the hash of the one before it in its case."""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from django.db import transaction

from accounts.models import Post, User
from cases import verbs
from cases.models import Case, CaseEvent, EventText

ANONYMISED: Final = "personal.anonymised"


def salted_digest(salt: str, value: str) -> str:
    """SHA-256 of salt and value, in hex: stands in the hashed record for words that may be erased later."""
    return hashlib.sha256(f"{salt}\0{value}".encode()).hexdigest()


def entry_hash(event: CaseEvent, number: str) -> str:
    """The hash of an entry over all its facts and the hash before it, from one canonical JSON form."""
    facts = {
        "case": number,
        "seq": event.seq,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": event.actor_id,
        "post": event.post_id,
        "verb": event.verb,
        "from": event.from_state,
        "to": event.to_state,
        "data": event.data,
        "inner": event.inner,
        "cause": str(event.cause),
        "text": event.text_digest,
        "prev": event.prev_hash,
    }
    canonical = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def append(
    case: Case,
    verb: str,
    *,
    by: Post | None,
    at: datetime,
    cause: uuid.UUID,
    from_state: str = "",
    to_state: str = "",
    text: str = "",
    data: Mapping[str, Any] | None = None,
    inner: bool | None = None,
    actor: User | None = None,
    changed: Iterable[str] = (),
) -> CaseEvent:
    """Write one entry. The case row must be locked by the caller's transaction; `by` None means the system.

    `changed` names fields of the case that are saved with the entry. Returns the entry; raises KeyError for an
    undeclared verb. The database refuses an entry that does not continue the chain of its case.
    """
    assert transaction.get_connection().in_atomic_block
    declared = verbs.get(verb)
    salt = secrets.token_hex(16) if text else ""
    event = CaseEvent(
        case=case,
        seq=case.last_seq + 1,
        at=at,
        actor=by.user if by else actor,
        post=by,
        verb=verb,
        from_state=from_state,
        to_state=to_state,
        data=json.loads(json.dumps(dict(data or {}), ensure_ascii=False)),
        inner=declared.inner if inner is None else inner,
        cause=cause,
        text_digest=salted_digest(salt, text) if text else "",
        prev_hash=case.last_hash,
    )
    event.hash = entry_hash(event, case.number)
    event.save(force_insert=True)
    if text:
        _keep_words(EventText(event=event, text=text, salt=salt))
    case.last_seq, case.last_hash, case.updated_at = event.seq, event.hash, at
    case.save(update_fields=["last_seq", "last_hash", "updated_at", *changed])
    return event


def _keep_words(words: EventText) -> None:
    words.save(force_insert=True)


def _words_fit(event: CaseEvent, anonymised: Container[datetime]) -> bool:
    """Whether an entry's words are those of its digest, or were erased by an entry that says so."""
    words: EventText | None = getattr(event, "words", None)
    if words is None:
        return not event.text_digest
    if words.erased_at is not None:
        return words.erased_at in anonymised
    return salted_digest(words.salt, words.text) == event.text_digest


def broken_entries(case: Case) -> Iterator[str]:
    """Say what is wrong with a case's chain, entry by entry; nothing when it is whole."""
    previous, seq = "", 0
    entries = list(case.events.select_related("words").order_by("seq"))
    anonymised = {event.at for event in entries if event.verb == ANONYMISED}
    for event in entries:
        seq += 1
        if event.seq != seq or event.prev_hash != previous or entry_hash(event, case.number) != event.hash:
            yield f"{case.number}#{event.seq}"
        if not _words_fit(event, anonymised):
            yield f"{case.number}#{event.seq} text"
        previous = event.hash
    if (seq, previous) != (case.last_seq, case.last_hash):
        yield f"{case.number} end"
