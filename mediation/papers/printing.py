"""Making a paper for somebody: masked as it stands, or in full for a reason; either way it is recorded."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Post
from cases import events, personal
from cases.attachments import path_of
from cases.errors import Incomplete, NotAllowed, NotFound
from cases.filetypes import DOCX, PDF
from cases.loaders import lock_cases
from cases.models import Case
from cases.pictures import for_print
from grids import clock
from mediation import services
from mediation.choices import Side
from mediation.papers import shelf, word
from mediation.papers.binder import Binder
from mediation.papers.facts import PaperFacts
from mediation.papers.shelf import Paper, Shelf

WHOLE: Final = "file"
FORMS: Final = {"pdf": PDF, "docx": DOCX}
PAPERS_IN: Final = "zh-hans"  # papers are for courts and parties: in Chinese whatever the reader's language


@dataclass(frozen=True, slots=True)
class Made:
    """A paper that was made: its content and what it is called."""

    content: bytes
    name: str
    content_type: str


def check_maker(case: Case, by: Post) -> None:
    """Raises NotAllowed unless the post handles the dispute."""
    if not services.mediates(case, by):
        raise NotAllowed(_("文书由承办的调解委员会制作。"))


def make(case: Case, key: str, form: str, *, by: Post, reason: str = "", side: int | None = None) -> Made:
    """One paper by its key, or the whole file (WHOLE), as PDF or Word, and the entry that tells of it.

    `reason`: names, numbers and addresses are written in full; without one they are masked. `side`: only what may be
    shown to that side. Raises NotAllowed, NotFound, Incomplete, WrongTemplate and TypesettingFailed.
    """
    check_maker(case, by)
    if form not in FORMS or (key == WHOLE and form != "pdf"):
        raise Incomplete(_("整卷只能打印成 PDF。"), errors={"paper": [_("整卷只能打印成 PDF。")]})
    full = bool(reason.strip())
    with translation.override(PAPERS_IN):
        papers = Shelf(PaperFacts(case, personal.standing(case) if full else None, side))
        found = papers.find(key) if key != WHOLE else None
        if found is None and key != WHOLE:
            raise NotFound(_("没有这份文书，请刷新页面后再看。"))
        content, versions = _content(papers, found, form)
    data: dict[str, Any] = {"paper": key, "format": form, "full": full, "templates": versions}
    if side is not None:
        data["side"] = side
    cause = uuid.uuid4()
    # Setting takes seconds: it comes before the lock, and nothing is handed out before it is recorded.
    with transaction.atomic():
        if full:
            personal.reveal(case, by=by, reason=reason, cause=cause)
        locked = lock_cases([case.pk])[case.pk]
        events.append(locked, "mediation.paper_made", by=by, at=clock.now(), cause=cause, data=data)
    name = found.name if found is not None else "人民调解卷宗"
    for_side = f"（{Side(side).label}）" if side is not None else ""
    return Made(content, f"{name}{for_side}-{case.number}.{form}", FORMS[form].content_type)


def _content(papers: Shelf, paper: Paper | None, form: str) -> tuple[bytes, dict[str, str]]:
    """The content, and by which version of which template it was made."""
    if paper is not None and paper.code in shelf.AROUND:
        paper = replace(paper, more=tuple(Binder(papers, clock.now()).around().items()))
    if paper is None or form == "pdf":
        binder = Binder(papers, clock.now())
        return (binder.whole() if paper is None else binder.one(paper)), binder.versions
    template, version = shelf.word_template(paper.template)
    scans = [path_of(one.key) for one in papers.files(paper) if one.is_picture] if papers.facts.full else []
    pictures = [for_print(path.read_bytes()) for path in scans if path.exists()]
    return word.filled(template, papers.said_in(paper), pictures), {paper.template: version}
