"""What the pages of the catalogue show: the list by large category, and one category with its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from django import forms
from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from incidents import category_services as services
from incidents import category_words as words
from incidents.models import Category, CategoryVersion, VersionState

STATES = [
    ("", _("全部")),
    ("waiting", _("有待同意的改动")),
    ("stopped", _("已停用")),
    ("ours", _("本系统自拟")),
]


class CategoryFilter(forms.Form):
    """What the list is narrowed to."""

    q = forms.CharField(label=_("名称或代码"), required=False, max_length=40)
    group = forms.ChoiceField(label=_("大类"), required=False)
    state = forms.ChoiceField(label=_("状态"), choices=STATES, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        large = [(c.code, f"{c.code} {c}") for c in Category.objects.large().order_by("code")]
        self.fields["group"].choices = [("", _("全部")), *large]  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Row:
    """A small category in the list."""

    category: Category
    version: CategoryVersion
    proposal: CategoryVersion | None

    @property
    def times(self) -> list[words.TimeLine]:
        """Without signing for it, whose time is short and tells two categories apart the least."""
        return [line for line in words.time_lines(self.version.times) if line.duty != "accept"]

    @property
    def kind_name(self) -> str:
        """The default department's kind, in the reader's language."""
        return words.kind_name(self.version.department_kind)

    @property
    def new(self) -> bool:
        """Proposed and never agreed to."""
        return self.version.state == VersionState.PROPOSED

    @property
    def stopped(self) -> bool:
        return self.version.state == VersionState.IN_FORCE and not self.version.in_use

    @property
    def ours(self) -> bool:
        return words.is_ours(self.version.source)


@dataclass(frozen=True, slots=True)
class Group:
    """A large category with its small ones."""

    category: Category
    rows: list[Row]


class Catalogue:
    """The list, as one post sees it."""

    def __init__(self, given: Mapping[str, str], post: Post | None) -> None:
        self.form, self.post = CategoryFilter(given), post
        self.chosen: dict[str, str] = self.form.cleaned_data if self.form.is_valid() else {}

    @cached_property
    def rows(self) -> list[Row]:
        rows = [row for category in self._found() if (row := _row(category))]
        wanted = self.chosen.get("state")
        if wanted == "waiting":
            return [row for row in rows if row.proposal]
        if wanted == "stopped":
            return [row for row in rows if row.stopped]
        return [row for row in rows if row.ours] if wanted == "ours" else rows

    def _found(self) -> QuerySet[Category]:
        found = Category.objects.filter(parent__isnull=False)
        for word in self.chosen.get("q", "").split():
            found = found.filter(
                Q(name__icontains=word) | Q(name_en__icontains=word) | Q(code__startswith=word)
            )
        if self.chosen.get("group"):
            found = found.filter(parent__code=self.chosen["group"])
        shown = CategoryVersion.objects.filter(state__in=[VersionState.IN_FORCE, VersionState.PROPOSED])
        return (
            found.select_related("parent")
            .prefetch_related(
                Prefetch("versions", shown.select_related("department_kind"), to_attr="shown_versions")
            )
            .order_by("parent__code", "code")
        )

    @property
    def groups(self) -> list[Group]:
        return [
            Group(large, list(rows))
            for large, rows in groupby(self.rows, lambda row: row.category.parent)
            if large is not None
        ]

    @cached_property
    def waiting(self) -> list[CategoryVersion]:
        """Every proposal that waits, whatever the filter: for who decides, and for who proposed."""
        if not (services.may_decide(self.post) or services.may_propose(self.post)):
            return []
        return list(CategoryVersion.objects.proposed())

    @property
    def may_propose(self) -> bool:
        return services.may_propose(self.post)

    @property
    def may_decide(self) -> bool:
        return services.may_decide(self.post)


def _row(category: Category) -> Row | None:
    """None for a category that was proposed once and never agreed to: only its own page tells of it."""
    shown: list[CategoryVersion] = category.shown_versions  # type: ignore[attr-defined]  # of the prefetch
    by_state = {version.state: version for version in shown}
    version = by_state.get(VersionState.IN_FORCE) or by_state.get(VersionState.PROPOSED)
    return Row(category, version, by_state.get(VersionState.PROPOSED)) if version else None


@dataclass(frozen=True, slots=True)
class Said:
    """All that a version says, in words."""

    version: CategoryVersion

    @property
    def facts(self) -> list[dict[str, str]]:
        return [{"label": fact.label, "value": fact.value} for fact in words.facts(self.version)]

    @property
    def times(self) -> list[words.TimeLine]:
        return words.time_lines(self.version.times)

    @property
    def fields(self) -> list[dict[str, str]]:
        return [
            {"label": words.field_label(spec), "value": words.field_words(spec)}
            for spec in self.version.fields
        ]


@dataclass(frozen=True, slots=True)
class Past:
    """A version in the history, with what it changed."""

    version: CategoryVersion
    changes: list[words.Change]


class CategoryPage:
    """One small category: what it says now, what is proposed, what it said before."""

    def __init__(self, category: Category, post: Post | None) -> None:
        self.category, self.post = category, post
        self.versions = list(category.versions.told().order_by("-number"))

    @property
    def version(self) -> CategoryVersion | None:
        """The version in force."""
        return next((v for v in self.versions if v.state == VersionState.IN_FORCE), None)

    @property
    def shown(self) -> CategoryVersion:
        """What the page tells: the version in force, or the last that was proposed."""
        return self.version or self.versions[0]

    @property
    def proposal(self) -> CategoryVersion | None:
        return next((v for v in self.versions if v.state == VersionState.PROPOSED), None)

    @property
    def history(self) -> list[Past]:
        """Every version, the newest first. A first version says everything anew, so nothing is listed for it."""
        return [Past(v, words.differences(v.based_on, v) if v.based_on else []) for v in self.versions]

    @property
    def content(self) -> Said:
        return Said(self.shown)

    @property
    def may_propose(self) -> bool:
        """A change can be proposed: by this post, and none waits."""
        return services.may_propose(self.post) and self.proposal is None


class VersionPage:
    """One version beside the one it was proposed against, and what this person may do about it."""

    def __init__(self, version: CategoryVersion, post: Post | None) -> None:
        self.version, self.post = version, post
        self.waits = version.state == VersionState.PROPOSED

    @property
    def changes(self) -> list[words.Change]:
        return words.differences(self.version.based_on, self.version)

    @property
    def content(self) -> Said:
        return Said(self.version)

    @property
    def may_decide(self) -> bool:
        own = services.proposed_by(self.version, self.post)
        return self.waits and services.may_decide(self.post) and not own

    @property
    def own_but_centre(self) -> bool:
        """The person could decide, were it not the own proposal."""
        own = services.proposed_by(self.version, self.post)
        return self.waits and services.may_decide(self.post) and own

    @property
    def may_withdraw(self) -> bool:
        own = self.version.proposed_by_id is None or services.proposed_by(self.version, self.post)
        return self.waits and services.may_propose(self.post) and own


def waiting_count(post: Post | None) -> int | None:
    """How many proposals wait for this post's agreement; None for one that agrees to none."""
    if not services.may_decide(post) or post is None:
        return None
    waiting = CategoryVersion.objects.filter(state=VersionState.PROPOSED)
    return waiting.exclude(proposed_by=post.user_id).count()
