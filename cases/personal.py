"""Personal values: encrypted with keys that rotate, masked by default, revealed with a reason.

After a term they are erased: `cases.anonymising`.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Post, User
from accounts.roles import Role
from cases import events, policies
from cases.errors import Incomplete, NotAllowed
from cases.loaders import lock_cases
from cases.models import Case, PersonalValue
from cases.querysets import DISPUTES
from grids import clock

# How a post must stand to a case to see who reported it. An office that is only sent a copy (抄告) has no need to,
# nor has whoever sees the case as its reporter alone.
WHO_REVEALS: Final = frozenset(
    {
        policies.OFFICE,
        policies.HANDLER,
        policies.CO_HANDLER,
        policies.GRID,
        policies.ABOVE,
        policies.SCOPE,
    }
)


# For so long a reason once given serves for the scans of the same case.
ONE_REASON: Final = timedelta(minutes=30)


def may_reveal(case: Case, by: Post) -> bool:
    """Of a dispute only the committee's mediators see who the parties are (人民调解法, article 15)."""
    held = policies.stances(case, by)
    if case.kind == DISPUTES:
        return by.role == Role.MEDIATOR and policies.OFFICE in held
    return bool(held & WHO_REVEALS)


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def cipher() -> MultiFernet:
    """The first key encrypts, all decrypt (settings.GEZHI_FIELD_KEYS, newest first)."""
    return _cipher(tuple(settings.GEZHI_FIELD_KEYS))


def store(case: Case, field: str, value: str, *, at: datetime) -> PersonalValue:
    """Keep a personal value of a case encrypted; returns the row, whose digest may stand in the record."""
    salt = secrets.token_hex(16)
    return PersonalValue.objects.create(
        case=case,
        field=field,
        token=cipher().encrypt(value.encode()).decode(),
        salt=salt,
        digest=events.salted_digest(salt, value),
        created_at=at,
    )


def replace(case: Case, field: str, value: str, *, at: datetime) -> None:
    """Keep another value in place of the one kept so far, which is erased; an empty one only erases."""
    old = list(case.personal_values.filter(field=field, erased_at__isnull=True))
    if len(old) == 1 and clear_text(old[0]) == value:
        return
    for row in old:
        row.token = row.salt = ""
        row.erased_at = at
        row.save(update_fields=["token", "salt", "erased_at"])
    if value:
        store(case, field, value, at=at)


def standing(case: Case) -> dict[str, str]:
    """Field to full value of what is kept and not erased. For the program's own work: callers mask, or reveal."""
    rows = case.personal_values.filter(erased_at__isnull=True).order_by("pk")
    return {value.field: clear_text(value) for value in rows}


def clear_text(value: PersonalValue) -> str:
    """The value itself; empty when it was erased. Callers show it masked unless it was revealed."""
    return cipher().decrypt(value.token.encode()).decode() if value.token else ""


def mask(field: str, text: str) -> str:
    """How a value looks by default: 138****1234, 张*, 3****************X, and a row of stars for anything else."""
    if not text:
        return ""
    if field.endswith("phone"):
        return f"{text[:3]}****{text[-4:]}" if len(text) >= 9 else "****"
    if field.endswith("name"):
        return f"{text[0]}{'*' * min(len(text) - 1, 2)}" if len(text) > 1 else "*"
    if field.endswith("id_number"):
        return f"{text[0]}{'*' * (len(text) - 2)}{text[-1]}" if len(text) >= 15 else "*" * 6
    return "*" * min(len(text), 6)


def masked(case: Case) -> dict[str, str]:
    """Field to masked value, for pages, lists, prints and exports; what was erased is empty."""
    return {field: mask(field, value) for field, value in _latest(case).items()}


def _latest(case: Case) -> dict[str, str]:
    """Field to the value kept last; what was erased is empty."""
    return {row.field: clear_text(row) for row in case.personal_values.order_by("pk")}


def reveal(case: Case, *, by: Post, reason: str, cause: uuid.UUID | None = None) -> dict[str, str]:
    """The full values, to a post that handles the case, with a reason that goes into the record.

    What counts is the post acted under, not what else the person holds. Raises NotAllowed outside the handling
    scope, Incomplete without a reason.
    """
    if not reason.strip():
        raise Incomplete(_("请写明查看原因。"), errors={"reason": [str(_("请写明查看原因。"))]})
    with transaction.atomic():
        locked = lock_cases([case.pk])[case.pk]
        seen = Case.objects.in_scope_of_post(by).filter(pk=locked.pk).exists()
        if not seen or not may_reveal(locked, by):
            raise NotAllowed(_("只有经办这个事项的岗位才能查看完整的个人信息。"))
        values = _latest(locked)
        events.append(
            locked,
            "personal.revealed",
            by=by,
            at=clock.now(),
            cause=cause or uuid.uuid4(),
            text=reason.strip(),
            data={"fields": sorted(values)},
        )
    return values


def shown_lately(case: Case, user: User) -> bool:
    """Whether a person said within the last half hour why they look at the personal values of a case."""
    since = clock.now() - ONE_REASON
    return case.events.filter(verb="personal.revealed", actor=user, at__gt=since).exists()


_ROTATIONS: list[Callable[[], int]] = []


def on_rotation(again: Callable[[], int]) -> None:
    """Made known by a kind that keeps anything else made with the field keys: called by `rotate_keys` as well."""
    if again not in _ROTATIONS:
        _ROTATIONS.append(again)


def rotate_others() -> int:
    """Make again whatever kinds have made with the field keys; returns how many changed."""
    return sum(again() for again in _ROTATIONS)


def rotate(batch: int = 500) -> Iterator[int]:
    """Encrypt every value again with the newest key; yields how many were done after each batch."""
    last = done = 0
    while True:
        with transaction.atomic():
            rows = list(
                PersonalValue.objects.select_for_update()
                .filter(pk__gt=last, erased_at__isnull=True)
                .order_by("pk")[:batch]
            )
            for row in rows:
                row.token = cipher().rotate(row.token.encode()).decode()
                row.save(update_fields=["token"])
        if not rows:
            return
        last, done = rows[-1].pk, done + len(rows)
        yield done
