"""A person's notices: what is in the inbox, and having read it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import User
from cases import verbs
from cases.models import Case, Notice


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as the inbox shows it. Without an address its case is no longer the person's to see."""

    pk: int
    at: datetime
    unread: bool
    verb: str | Promise
    title: str
    number: str = ""
    url: str = ""
    words: str = ""
    who: str = ""


def inbox(user: User, *, unread_only: bool = False) -> QuerySet[Notice]:
    """A person's notices with what a list shows of each; `seen` says whether its case may still be seen.

    A notice outlives the right to its case: it is listed, so that the count is right, but says nothing of the case.
    """
    found = Notice.objects.filter(recipient=user)
    if unread_only:
        found = found.filter(read_at__isnull=True)
    visible = Case.objects.visible_to(user).filter(pk=OuterRef("case"))
    full = Case.objects.inside_of(user).filter(pk=OuterRef("case"))
    shown = found.annotate(seen=Exists(visible), full=Exists(full))
    return shown.select_related(
        "case", "event__words", "event__post__division__parent", "event__post__department", "event__actor"
    )


def read(user: User, *, at: datetime, ids: Iterable[int] | None = None, case: Case | None = None) -> int:
    """Mark notices of this person as read: the given ones, those of a case, or all. Returns how many were new."""
    found = Notice.objects.filter(recipient=user, read_at__isnull=True)
    if ids is not None:
        found = found.filter(pk__in=list(ids))
    if case is not None:
        found = found.filter(case=case)
    return found.update(read_at=at)


def told_of(notice: Notice) -> Told:
    """What a notice of `inbox` says. Inner words are not for somebody who only reported the case."""
    at, unread, event = notice.created_at, notice.read_at is None, notice.event
    if not getattr(notice, "seen", False):
        return Told(notice.pk, at, unread, _("一条旧通知"), _("这个事项已不在您的岗位范围内。"))
    open_words = getattr(notice, "full", False) or not event.inner
    words = getattr(event, "words", None) if open_words else None
    case = notice.case
    return Told(
        pk=notice.pk,
        at=at,
        unread=unread,
        verb=verbs.get(event.verb).text if open_words else _("有新的进展"),
        title=case.title,
        number=case.number,
        url=case.get_absolute_url(),
        words=words.text if words is not None else "",
        who=event.post.label if event.post is not None else _("系统"),
    )
