"""Parties and who speaks for them: what may name a person is kept encrypted, and never in a column of its own.

A keyed digest of the identity number serves one question alone: whether a committee already has a dispute between
just these parties (`same_parties`). There is no search by person.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Q

from accounts.models import Post
from accounts.roles import Role
from cases import personal
from cases.models import Case
from grids import clock
from mediation.models import Docket, Party, Representative

# The personal values of a party and of a representative, by the form fields that fill them.
PARTY_VALUES: Final = {"party_name": "name", "id_number": "id_number", "phone": "phone", "home": "address"}
REP_VALUES: Final = {"rep_name": "name", "rep_phone": "phone", "rep_id_number": "id_number"}
PLAIN: Final = ("sex", "nation", "age", "occupation")
RECENT: Final = timedelta(days=365)  # a dispute closed within a year is told too


def _key(secret: str) -> bytes:
    """The key of digests that belongs to a field key: another purpose, another key."""
    return hmac.new(secret.encode(), b"gezhi identity digest", hashlib.sha256).digest()


def digests(number: str) -> list[str]:
    """The keyed digests of an identity number or credit code, by the newest field key first; none for an empty one."""
    plain = "".join(number.split()).upper()
    if not plain:
        return []
    return [
        hmac.new(_key(secret), plain.encode(), hashlib.sha256).hexdigest()
        for secret in settings.GEZHI_FIELD_KEYS
    ]


def field_of(row: Party | Representative, name: str) -> str:
    """Under which name a value of a party or representative is kept."""
    return f"{'party' if isinstance(row, Party) else 'rep'}{row.pk}.{name}"


def _keep(case: Case, row: Party | Representative, values: Mapping[str, str], *, at: datetime) -> None:
    for name, value in values.items():
        personal.replace(case, field_of(row, name), value, at=at)


def _values(data: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    return {kept: str(data.get(name) or "").strip() for name, kept in names.items()}


def add(case: Case, data: Mapping[str, Any], *, at: datetime) -> Party:
    """Write a party down, from the cleaned fields of its form."""
    party = Party(case=case)
    _fill(party, data)
    party.save(force_insert=True)
    _keep(case, party, _values(data, PARTY_VALUES), at=at)
    return party


def change(party: Party, data: Mapping[str, Any], *, at: datetime) -> list[str]:
    """Write a party anew, from the cleaned fields of its form; a secret value that is not given stays as it is.

    Returns the names of the fields that are others now.
    """
    kept, before = (
        personal.standing(party.case),
        (party.side, party.kind, *(getattr(party, n) for n in PLAIN)),
    )
    _fill(party, data)
    party.save(update_fields=["side", "kind", *PLAIN, "digest"])
    given = {name: value for name, value in _values(data, PARTY_VALUES).items() if value}
    _keep(party.case, party, given, at=at)
    after = (party.side, party.kind, *(getattr(party, n) for n in PLAIN))
    names = ("side", "party_kind", *PLAIN)
    changed = [name for name, was, now in zip(names, before, after, strict=True) if was != now]
    secret = {value: name for name, value in PARTY_VALUES.items()}
    return changed + [secret[n] for n, value in given.items() if kept.get(field_of(party, n), "") != value]


def _fill(party: Party, data: Mapping[str, Any]) -> None:
    party.side, party.kind = data["side"], data["party_kind"]
    for name in PLAIN:
        setattr(party, name, data.get(name) or (None if name == "age" else ""))
    party.digest = next(iter(digests(str(data.get("id_number") or ""))), party.digest)


def represent(party: Party, data: Mapping[str, Any], *, at: datetime) -> Representative:
    """Write down who speaks for a party."""
    found = Representative.objects.create(
        party=party,
        authority=data["authority"],
        relation=data.get("relation") or "",
        since=clock.local_day(at),
    )
    _keep(party.case, found, _values(data, REP_VALUES), at=at)
    return found


def names(case: Case) -> list[str]:
    """The full names of everybody written down in a dispute, for checks that keep them out of titles."""
    return [value for field, value in personal.standing(case).items() if field.endswith(".name")]


def near(case: Case) -> set[int]:
    """The users among a committee's mediators whose name or telephone is that of a party or representative (ids).

    Equal names may be chance: a warning to look into, no verdict.
    """
    kept = personal.standing(case)
    known = {value for field, value in kept.items() if field.endswith((".name", ".phone"))}
    held = Post.objects.filter(role=Role.MEDIATOR, division=case.office).select_related("user")
    return {post.user_id for post in held if may_know(post, known)}


def may_know(post: Post, known: set[str]) -> bool:
    """Whether a mediator has one of these names or telephones."""
    return bool({post.user.name, post.user.phone} & known - {""})


def present(case: Case) -> list[Party]:
    """The parties that take part now, by side."""
    return list(Party.objects.filter(case=case, state="present"))


def standing_numbers(case: Case) -> list[str]:
    """The identity numbers of the parties that take part now; empty for one who gave none."""
    kept = personal.standing(case)
    return [kept.get(field_of(party, "id_number"), "") for party in present(case)]


# --- the same parties before the same committee


def checkable(numbers: Iterable[str]) -> bool:
    """Whether disputes can be compared by the parties at all: two or more, and each gave a number."""
    given = list(numbers)
    return len(set(given)) >= 2 and all(number.strip() for number in given)


def same_parties(office_id: int, numbers: Iterable[str], *, but: int | None = None) -> list[Case]:
    """The disputes that a committee has between just these parties, open or closed within a year.

    `office_id`: the committee's division. `numbers`: the identity numbers of all parties. `but`: the case that is
    being entered, where it has a row already. Whoever asks records in that case what the committee was told.
    """
    given = list(numbers)
    if not checkable(given):
        return []
    wanted = [digests(number) for number in dict.fromkeys(given)]
    recent = Q(case__closed_at__isnull=True) | Q(case__closed_at__gte=clock.now() - RECENT)
    here = Docket.objects.filter(recent, committee__division=office_id, left_at__isnull=True).exclude(
        case=but
    )
    one_of = Q(case__parties__digest__in=[digest for each in wanted for digest in each])
    rows = here.filter(one_of, case__anonymised_at__isnull=True).select_related("case__mediation").distinct()
    return [docket.case for docket in rows if _exactly(docket.case, wanted)]


def told(same: Iterable[Case]) -> dict[str, Any]:
    """What an entry says of disputes between the same parties: their numbers and kinds, nothing else."""
    found = list(same)
    return {
        "same_parties": [case.number for case in found],
        "same_kinds": [case.mediation.kind for case in found],
    }


def _exactly(case: Case, wanted: list[list[str]]) -> bool:
    held = {party.digest for party in present(case)}
    return len(held) == len(wanted) and all(held.intersection(each) for each in wanted)


def rotate(batch: int = 500) -> int:
    """Compute every digest again with the newest key, from the numbers that are kept; returns how many changed."""
    changed = 0
    for party in Party.objects.exclude(digest="").select_related("case").iterator(batch):
        number = personal.standing(party.case).get(field_of(party, "id_number"), "")
        newest = next(iter(digests(number)), "")
        if newest != party.digest:
            party.digest = newest
            party.save(update_fields=["digest"])
            changed += 1
    return changed
