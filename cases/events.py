"""The append-only record: each entry carries the hash of the one before it in its case."""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Required, TypedDict, Unpack

from django.db import connection, transaction

from accounts.models import Post, User
from cases import verbs
from cases.models import Case, CaseEvent, EventText

ANONYMISED: Final = "personal.anonymised"


class Facts(TypedDict, total=False):
    """What an entry says besides its words; see `compose`."""

    by: Required[Post | None]
    at: Required[datetime]
    cause: Required[uuid.UUID]
    from_state: str
    to_state: str
    data: Mapping[str, Any] | None
    inner: bool | None
    actor: User | None


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


def compose(
    case: Case,
    verb: str,
    *,
    by: Post | None,
    at: datetime,
    cause: uuid.UUID,
    from_state: str = "",
    to_state: str = "",
    data: Mapping[str, Any] | None = None,
    inner: bool | None = None,
    actor: User | None = None,
    text_digest: str = "",
) -> CaseEvent:
    """The next entry of a case, not yet written: the one rule by which entries hang together.

    It moves the end of the record of `case` on in memory, so that another may follow. The case row must be locked by
    the caller's transaction, which writes the entry (`append_all`). Raises KeyError for an undeclared verb.
    """
    assert transaction.get_connection().in_atomic_block
    declared = verbs.get(verb)
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
        text_digest=text_digest,
        prev_hash=case.last_hash,
    )
    event.hash = entry_hash(event, case.number)
    case.last_seq, case.last_hash, case.updated_at = event.seq, event.hash, at
    return event


def append(
    case: Case, verb: str, *, text: str = "", changed: Iterable[str] = (), **facts: Unpack[Facts]
) -> CaseEvent:
    """Write one entry. The case row must be locked by the caller's transaction; `by` None means the system.

    `changed` names fields of the case that are saved with the entry. Returns the entry; raises KeyError for an
    undeclared verb. The database refuses an entry that does not continue the chain of its case.
    """
    salt = secrets.token_hex(16) if text else ""
    event = compose(case, verb, text_digest=salted_digest(salt, text) if text else "", **facts)
    event.save(force_insert=True)
    if text:
        _keep_words(EventText(event=event, text=text, salt=salt))
    case.save(update_fields=["last_seq", "last_hash", "updated_at", *changed])
    return event


def append_all(entries: Iterable[CaseEvent]) -> None:
    """Write composed entries of any cases, each case's in its order, in few statements.

    The database lets a record grow by one entry at a time: so the first entries of all cases, then the second ones.
    """
    waves: defaultdict[int, list[CaseEvent]] = defaultdict(list)
    written: Counter[int] = Counter()
    for event in entries:
        waves[written[event.case_id]].append(event)
        written[event.case_id] += 1
    for _number, wave in sorted(waves.items()):
        CaseEvent.objects.bulk_create(wave, batch_size=2000)
        _move_ends(wave)


def _move_ends(entries: list[CaseEvent]) -> None:
    """Let the record of each case end with its entry."""
    columns = zip(*((event.case_id, event.seq, event.hash, event.at) for event in entries), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            'UPDATE "cases_case" SET last_seq = entry.seq, last_hash = entry.hash, updated_at = entry.at'
            " FROM unnest(%s::bigint[], %s::int[], %s::text[], %s::timestamptz[]) AS entry(pk, seq, hash, at)"
            " WHERE id = entry.pk",
            [list(column) for column in columns],
        )


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
