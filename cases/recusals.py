"""Recusal (回避): who has no hand in a case although their post would give them one.

Somebody has an interest in the matter, or a party asked for another person (人民调解法, articles 19 and 23). Each kind
that knows recusals says which cases a person is out of; scope, stances and so every action follow from here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User

# By kind: the ids of the cases that a person is out of.
_OUT_OF: dict[str, Callable[[User], QuerySet[Any, Any]]] = {}


def register(kind: str, out_of: Callable[[User], QuerySet[Any, Any]]) -> None:
    """Made known by a kind's AppConfig.ready()."""
    _OUT_OF[kind] = out_of


def recused_q(user: User) -> Q:
    """The cases that a person is out of."""
    found = Q(pk__in=[])
    for kind, out_of in _OUT_OF.items():
        found |= Q(kind=kind, pk__in=out_of(user))
    return found


def is_recused(case: Any, user: User) -> bool:
    """Whether a person is out of a case."""
    out_of = _OUT_OF.get(case.kind)
    return out_of is not None and out_of(user).filter(case=case).exists()
