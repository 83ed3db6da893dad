"""One action on many incidents: each in a transaction of its own, so that one refusal stops no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Post, User
from cases import workflow
from cases.actions import said
from cases.errors import CaseError, Incomplete, NotFound
from cases.idempotency import Done, new_key, once
from cases.loaders import get_case
from cases.models import Case
from cases.outlook import reason_of
from grids.wording import sentences
from incidents.forms import handler_choices
from incidents.models import Incident
from incidents.routing import default_department
from incidents.services import KIND

MOST: Final = 100
BY_CATEGORY: Final = "default"


@dataclass(frozen=True, slots=True)
class Ticked:
    """One of the chosen incidents: whether the action can be done to it, and if not, why."""

    case: Case
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one of them."""

    number: str
    title: str
    url: str
    done: bool
    words: str


class AssignForm(forms.Form):
    """To whom all are given: an office that can handle every one, or each to the office its category names."""

    handler = forms.ChoiceField(label=gettext_lazy("承办单位"))
    note = forms.CharField(
        label=gettext_lazy("说明"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, cases: Sequence[Case], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["handler"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(BY_CATEGORY, _("各按类别的默认部门")), *_common_handlers(cases)]


class UrgeForm(forms.Form):
    """What all of those who have them are told."""

    note = forms.CharField(
        label=gettext_lazy("催办内容"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, cases: Sequence[Case], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class MergeForm(forms.Form):
    """Which of the chosen ones the others are merged into."""

    target = forms.ChoiceField(label=gettext_lazy("并入哪一件"), widget=forms.RadioSelect)
    note = forms.CharField(
        label=gettext_lazy("说明"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, cases: Sequence[Case], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["target"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(case.number, f"{case.number} {case.title}") for case in cases if case.is_open]


FORMS: Final[Mapping[str, type[AssignForm | UrgeForm | MergeForm]]] = {
    "assign": AssignForm,
    "urge": UrgeForm,
    "merge": MergeForm,
}
LABELS: Final = {
    "assign": gettext_lazy("批量指派"),
    "urge": gettext_lazy("批量催办"),
    "merge": gettext_lazy("合并为一件"),
}


def buttons_for(post: Post) -> list[dict[str, str]]:
    """The buttons under a list in which this post can tick rows; none for roles that do none of these."""
    rows = workflow.of(KIND).rows
    return [
        {"label": str(label), "name": "action", "value": action}
        for action, label in LABELS.items()
        if any(row.action == action and post.role in row.roles for row in rows)
    ]


def _common_handlers(cases: Sequence[Case]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Offices that could be given every one of the cases, in their groups."""
    places = {(case.place_id, case.office_id): case for case in cases}
    groups = [handler_choices(case) for case in places.values()]
    if not groups:
        return []
    common = set.intersection(*({key for _name, rows in group for key, _label in rows} for group in groups))
    kept = [(name, [row for row in rows if row[0] in common]) for name, rows in groups[0]]
    return [(name, rows) for name, rows in kept if rows]


class Bulk:
    """What a person wants done to the rows they ticked. Raises NotFound for an action that is not done in bulk."""

    def __init__(self, user: User, post: Post, data: QueryDict) -> None:
        self.user, self.post, self.data = user, post, data
        self.action = data.get("action", "")
        if self.action not in FORMS:
            raise NotFound(_("没有这个操作。"))
        self.numbers = list(dict.fromkeys(data.getlist("number")))[:MOST]
        visible = Incident.objects.visible_to(user).filter(case__number__in=self.numbers)
        found = visible.select_related("case__office", "case__place__parent__parent__parent")
        self.cases = sorted((row.case for row in found), key=lambda case: case.pk)

    @property
    def label(self) -> str:
        return str(LABELS[self.action])

    @property
    def ticked(self) -> list[Ticked]:
        """All of them, each with the reason why not, if any, as it stands now."""
        found = []
        for case in self.cases:
            error = workflow.refusal(case, self.action, self.post)
            found.append(Ticked(case, "" if error is None else reason_of(case, self.action, error)))
        return found

    def form(self, *, bound: bool) -> forms.Form:
        return FORMS[self.action](self.cases, self.data if bound else None)

    def seen(self) -> list[tuple[str, str]]:
        """What the page remembers of each case, so that a press on an old page changes nothing."""
        return [(f"seen-{case.number}", workflow.seen_token(case)) for case in self.cases]

    def key(self) -> str:
        return self.data.get("idempotency_key", "") or new_key()

    def run(self, chosen: Mapping[str, Any], digest: str) -> list[Result]:
        """Do it to each in turn, in the order of their ids; a second sending of the same page does nothing anew.

        `digest` is that of what was sent (`cases.idempotency.body_digest`).
        """
        key = self.key()
        return [
            self._one(case, chosen, f"{key}.{case.number}", digest)
            for case in self.cases
            if not (self.action == "merge" and case.number == chosen["target"])
        ]

    def _one(self, case: Case, chosen: Mapping[str, Any], key: str, digest: str) -> Result:
        path = reverse("incidents:bulk")

        def do() -> Done:
            fresh = get_case(self.user, case.number, kind=KIND)
            event = workflow.advance(fresh, self.action, by=self.post, data=self._data(fresh, chosen))
            # Whoever no longer sees the case after this may still be told again that it was done.
            return Done(200, {"said": said(fresh, event)}, None)

        try:
            _status, answer = once(self.user, key, "POST", path, digest, do)
        except CaseError as error:
            case.refresh_from_db(fields=["state"])  # what it is now, which may be why
            words = _why(case, self.action, error)
            return Result(case.number, case.title, case.get_absolute_url(), False, words)
        return Result(case.number, case.title, case.get_absolute_url(), True, str(answer["said"]))

    def _data(self, case: Case, chosen: Mapping[str, Any]) -> dict[str, Any]:
        data = {**chosen, "seen": self.data.get(f"seen-{case.number}", "")}
        if self.action == "assign" and chosen["handler"] == BY_CATEGORY:
            department = default_department(case.place, case.incident.version)
            if department is None:
                message = _("这个类别在当地没有默认部门，请单独指派。")
                raise Incomplete(message, errors={"handler": [message]})
            data["handler"] = f"department:{department.pk}"
        return data


def _why(case: Case, action: str, error: CaseError) -> str:
    """A refusal in one line; of something incomplete, what exactly."""
    if isinstance(error, Incomplete):
        return sentences(message for messages in error.errors.values() for message in messages)
    return reason_of(case, action, error)
