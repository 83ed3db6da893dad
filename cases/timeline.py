"""The record of a case as its page and its print show it: words first, with what came along."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import User
from cases import verbs
from cases.facts import Fact, Glossary, facts_of, glossary_for
from cases.models import Attachment, Case, CaseEvent, Part, PartKind, Stage


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo: the whole, its thumbnail, its name and what it shows."""

    url: str
    thumb: str
    name: str
    stage: str | Promise


@dataclass(frozen=True, slots=True)
class Paper:
    """A document to download; `size` in bytes. `asks`: for a reason first, on a page."""

    url: str
    name: str
    size: int
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the record as `components/timeline.html` shows it."""

    seq: int
    at: datetime
    verb: str | Promise
    words: str
    person: str
    post: str
    quiet: bool
    inner: bool
    facts: list[Fact] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    papers: list[Paper] = field(default_factory=list)


def picture_of(attachment: Attachment) -> Picture:
    return Picture(
        reverse("cases:attachment", args=[attachment.key]),
        reverse("cases:thumbnail", args=[attachment.key]),
        attachment.name,
        Stage(attachment.stage).label,
    )


def paper_of(attachment: Attachment) -> Paper:
    url = reverse("cases:attachment", args=[attachment.key])
    return Paper(url, attachment.name, attachment.size, attachment.asks_why)


def events_of(case: Case, *, inner: bool, after: int = 0) -> list[CaseEvent]:
    """The entries of a case in their order, without the inner ones for a mere reporter."""
    found = case.events.filter(seq__gt=after)
    if not inner:
        found = found.filter(inner=False)
    return list(
        found.select_related(
            "words", "actor", "post__user", "post__division__parent", "post__department"
        ).order_by("seq")
    )


def attachments_of(case: Case, *, inner: bool) -> list[Attachment]:
    """The papers of a case, without those of inner entries for a mere reporter."""
    found = case.attachments.all()
    return list(found if inner else found.filter(inner=False))


def parts_of(case: Case, user: User, *, inner: bool) -> list[Part]:
    """The open parts of a case with their holders; of the reporters a mere reporter sees only themselves."""
    found = case.parts.filter(ended_at=None)
    if not inner:
        found = found.exclude(Q(kind=PartKind.REPORTER) & ~Q(post__user=user))
    return list(found.select_related("department", "division__parent", "post__user").order_by("pk"))


def words_of(event: CaseEvent) -> str:
    """What was written; that it was erased, when its term is over."""
    words = getattr(event, "words", None)
    if words is None:
        return ""
    return _("（文字已按保存期限匿名）") if words.erased_at else str(words.text)


def entries_of(
    case: Case, events: list[CaseEvent], attachments: Iterable[Attachment], user: User
) -> list[Entry]:
    """The entries of a case in the order given, as this person may read them, each with its photos and documents."""
    glossary = glossary_for(case.kind, events, user)
    papers: dict[int, list[Attachment]] = defaultdict(list)
    for attachment in attachments:
        papers[attachment.event_id].append(attachment)
    return [_entry(case.kind, event, papers[event.pk], glossary) for event in events]


def _entry(kind: str, event: CaseEvent, papers: list[Attachment], glossary: Glossary) -> Entry:
    declared = verbs.get(event.verb)
    return Entry(
        seq=event.seq,
        at=event.at,
        verb=declared.text,
        words=words_of(event),
        person=event.actor.name if event.actor else "",
        post=event.post.label if event.post else "",
        quiet=declared.quiet,
        inner=event.inner,
        facts=facts_of(kind, event, glossary),
        pictures=[picture_of(paper) for paper in papers if paper.is_drawn],
        papers=[paper_of(paper) for paper in papers if not paper.is_drawn],
    )
