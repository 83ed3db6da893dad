"""Filters that a person keeps under a name. A filter is an address; what it shows depends on who opens it."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from cases.errors import Incomplete, NotFound
from cases.models import SavedFilter
from grids import clock

MOST = 20


def of(user: User, kind: str) -> list[SavedFilter]:
    """A person's filters for one list, by name."""
    return list(SavedFilter.objects.filter(user=user, kind=kind))


def keep(user: User, *, kind: str, name: str, query: str) -> SavedFilter:
    """Keep a filter under a name; the same name again replaces it.

    Raises Incomplete without a name or with too long a filter, and when there are MOST already.
    """
    name = name.strip()
    if not name or len(name) > 40:
        _refuse(_("请给筛选起一个名字（40 字以内）。"))
    if not query or len(query) > 1000:
        _refuse(_("没有可以保存的筛选条件，或者条件太多。"))
    with transaction.atomic():
        mine = SavedFilter.objects.filter(user=user, kind=kind)
        if not mine.filter(name=name).exists() and mine.count() >= MOST:
            _refuse(_("最多保存 %(most)s 个筛选，请先删掉不用的。") % {"most": MOST})
        kept, _made = SavedFilter.objects.update_or_create(
            user=user,
            kind=kind,
            name=name,
            defaults={"query": query},
            create_defaults={"query": query, "created_at": clock.now()},
        )
    return kept


def _refuse(message: str) -> None:
    raise Incomplete(message, errors={"name": [message]})


def forget(user: User, pk: int) -> SavedFilter:
    """Delete one of the person's own filters; raises NotFound for anybody else's."""
    found = SavedFilter.objects.filter(user=user, pk=pk).first()
    if found is None:
        raise NotFound(_("没有找到这个筛选。"))
    found.delete()
    return found
