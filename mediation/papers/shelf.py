"""Which papers a dispute has, in the order of the file, and by which version of which template each is made."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Post
from accounts.roles import Role
from cases.errors import NotAllowed
from cases.models import Attachment
from grids import clock
from mediation import choices as c
from mediation import guards
from mediation.models import (
    Confirmation,
    Invitation,
    Material,
    PaperTemplate,
    RoutesNotice,
    Session,
    Visit,
    last_day_to_confirm,
)
from mediation.papers import word
from mediation.papers.facts import PaperFacts, day
from mediation.papers.sample import SAMPLE
from mediation.papers.template import filled
from mediation.routing import root_of
from mediation.standing import agreement_of
from mediation.tables import papers

TEXT, WORD = "txt", "docx"
MOST_BYTES: Final = {TEXT: 100_000, WORD: 2_000_000}
# Papers that somebody brings share a sheet that says what they are; a record of an enquiry has a form of its own.
SHEET: Final = "sheet"
OWN_SHEET: Final = ("enquiry",)
# They hold the file together: they tell of the others and have no number themselves.
AROUND: Final = ("cover", "contents", "back")
# What the sides sign together says whole who each of them is, in every copy.
TOGETHER: Final = ("agreement", "oral", "confirmation")
MATERIALS: Final = {kind.value: kind.value for kind in c.MaterialKind}


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper of a dispute. `code`: of papers.csv; `row`: what it tells of, 0 for the whole dispute."""

    code: str
    name: str
    row: int = 0
    more: tuple[tuple[str, Any], ...] = ()
    seq: int = 0

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.code}-{self.row}"

    @property
    def template(self) -> str:
        """The code of its template."""
        return template_code(self.code)


def template_code(code: str) -> str:
    """Which template a paper is made by."""
    return SHEET if code in MATERIALS and code not in OWN_SHEET else code


class Shelf:
    """The papers of one dispute; of a copy for one side only what may be shown to that side."""

    def __init__(self, facts: PaperFacts) -> None:
        self.facts, self.case, self.side = facts, facts.case, facts.side

    def said_in(self, paper: Paper) -> dict[str, Any]:
        """Everything that the template of a paper may name."""
        return self.facts.all_of(dict(paper.more), together=paper.code in TOGETHER)

    def papers(self) -> list[Paper]:
        """Every paper there is now, in the order of the file; cover, contents and back cover left out."""
        makers: dict[str, Callable[[], Iterator[Paper]]] = {
            "session": self._sessions, "agreement": self._agreed, "visit": self._visits, "notice": self._notice,
        }  # fmt: skip
        found: list[Paper] = []
        for code, row in papers().items():
            if self.side is not None and not row.given:
                continue
            if row.per == "material":
                found.extend(self._materials(code))
            elif row.per == "case":
                found.extend(self._plain(code))
            else:
                found.extend(one for one in makers[row.per]() if one.code == code)
        return found

    def around(self) -> list[Paper]:
        """Cover, contents and back cover, which a file has whatever is in it; none for a single side."""
        return [self._paper(code) for code in AROUND] if self.side is None else []

    def forms(self) -> list[Paper]:
        """What the parties may still sign: no part of the file before it was used."""
        agreement = agreement_of(self.case)
        if agreement is None or agreement.effective_on is None or guards.may_confirm(self.case, None):
            return []
        last = last_day_to_confirm(agreement.effective_on)
        return [self._paper("confirmation")] if self.case.is_open and clock.today() <= last else []

    def find(self, key: str) -> Paper | None:
        """The paper of a key."""
        return next((one for one in [*self.papers(), *self.forms(), *self.around()] if one.key == key), None)

    def _paper(self, code: str, row: int = 0, about: str = "", **more: Any) -> Paper:
        seq = int(more.pop("seq", 0))
        name = papers()[code].name
        return Paper(code, f"{name}（{about}）" if about else name, row, tuple(more.items()), seq)

    def _plain(self, code: str) -> Iterator[Paper]:
        """A paper that tells of the whole dispute, once it can be told."""
        there = {
            "application": self.facts.dispute.initiative == c.Initiative.APPLIED,
            "closing": self.case.closed_at is not None,
        }
        if there.get(code, code not in AROUND):
            yield self._paper(code)

    def _sessions(self) -> Iterator[Paper]:
        """Records of meetings. A side gets those to which it came; offices among themselves are not for the parties."""
        held = Session.objects.filter(case=self.case, state="held")
        if self.side is not None:
            came = Invitation.objects.filter(party__side=self.side, present=True)
            held = held.filter(kind=c.SessionKind.MEDIATION, pk__in=came.values("session"))
        for row in held:
            yield self._paper("record", row.pk, day(row.held_from), session=self.facts.session(row))

    def _agreed(self) -> Iterator[Paper]:
        """The agreement; the application to the court once it was made."""
        agreement = agreement_of(self.case)
        if agreement is None:
            return
        yield self._paper("agreement" if agreement.form == "written" else "oral")
        if Confirmation.objects.filter(agreement=agreement).exists():
            yield self._paper("confirmation")

    def _visits(self) -> Iterator[Paper]:
        for row in Visit.objects.filter(case=self.case).select_related("by__user"):
            yield self._paper("visit", row.pk, day(row.on), visit=self.facts.visit(row))

    def _notice(self) -> Iterator[Paper]:
        if RoutesNotice.objects.filter(case=self.case).exists():
            yield self._paper("routes")

    def _materials(self, code: str) -> Iterator[Paper]:
        rows = Material.objects.filter(case=self.case, kind=code).select_related("party", "by__user")
        for row in rows:
            if shown_to(row, self.side):
                yield self._paper(
                    code, row.pk, row.title, seq=row.seq, material=self.facts.material(row)
                )  # fmt: skip

    def files(self, paper: Paper) -> list[Attachment]:
        """The files that came with a paper, in their order."""
        if not paper.seq:
            return []
        return list(Attachment.objects.filter(case=self.case, event__seq=paper.seq).order_by("pk"))


def shown_to(material: Material, side: int | None) -> bool:
    """Whether a paper may be shown to a side; without one, whether it is in the file.

    Who somebody is and notes on the file are nobody else's business; enquiries and evidence say whom they concern.
    """
    if side is None:
        return True
    if material.kind in (c.MaterialKind.IDENTITY, c.MaterialKind.AUTHORISATION):
        return material.party is not None and material.party.side == side
    return material.kind != c.MaterialKind.NOTE and (not material.sides or side in material.sides)


# --- templates


def stock(code: str) -> str:
    """The template that the program comes with."""
    return (Path(settings.GEZHI_MEDIATION_TABLES) / "papers" / f"{code}.txt").read_text(encoding="utf-8")


def codes() -> dict[str, str]:
    """Every template by its code, with the name of its paper."""
    named = {template_code(code): row for code, row in papers().items()}
    return {code: _("收进卷宗的材料（衬页）") if code == SHEET else str(row) for code, row in named.items()}


def standing(code: str, form: str) -> PaperTemplate | None:
    """The version that an office uploaded last; None while the program's own stands."""
    found = PaperTemplate.objects.filter(paper=code, format=form).order_by("-version").first()
    return found if found is not None and found.content else None


def text_template(code: str) -> tuple[str, str]:
    """The text template that stands, and its version as records name it: "txt 2"; "txt 0" is the program's own."""
    found = standing(code, TEXT)
    return (bytes(found.content).decode(), f"{TEXT} {found.version}") if found else (stock(code), f"{TEXT} 0")


def word_template(code: str) -> tuple[bytes, str]:
    """The Word template that stands, and its version. Without an uploaded one it follows the text template."""
    found = standing(code, WORD)
    if found is not None:
        return bytes(found.content), f"{WORD} {found.version}"
    text, version = text_template(code)
    return word.template_of(text), version


def check_editor(post: Post) -> Post:
    """The post, if it may change templates, which all committees use: the centre at the top. Raises NotAllowed."""
    if not edits(post):
        raise NotAllowed(_("文书模板由最上一级的综治中心修改。"))
    return post


def edits(post: Post) -> bool:
    """Whether a post is of the centre of the whole city."""
    return post.role == Role.CENTRE and post.division is not None and root_of(post.division) == post.division


def upload(
    code: str, form: str, content: bytes, *, note: str, by: Post, at: datetime | None = None
) -> PaperTemplate:
    """Keep another version of a template, once it was filled in with a sample dispute; every version is kept.

    Empty content: the program's own stands again. Raises NotAllowed, and WrongTemplate for one that cannot be used.
    """
    check_editor(by)
    if content:
        tried(form, content)
    with transaction.atomic():
        kept = PaperTemplate.objects.select_for_update().filter(paper=code, format=form)
        last = max((row.version for row in kept), default=0)
        return PaperTemplate.objects.create(
            paper=code, format=form, version=last + 1, content=content, sha256=hashlib.sha256(content).hexdigest(),
            note=note, uploaded_by=by, uploaded_at=at or clock.now(),
        )  # fmt: skip


def tried(form: str, content: bytes) -> None:
    """Fill a template with a sample dispute; raises WrongTemplate."""
    if form == WORD:
        word.check(content)
        word.filled(content, SAMPLE)
    else:
        filled(content.decode("utf-8"), SAMPLE)
