"""What is written down at the counter, checked once for page and API: the dispute, and its parties side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from accounts.roles import Role
from cases.filters import path_of
from cases.models import Case
from cases.widgets import PlaceInput
from grids import clock
from grids.models import Division
from mediation import choices as c
from mediation import routing, services
from mediation.fields import MAKERS
from mediation.identity import check_identity
from mediation.models import Committee
from mediation.services import Entry
from mediation.workflow import FACTS, MORE_FACTS, MORE_PARTY, PARTY

MOST_PARTIES: Final = 12


class PartyForm(forms.Form):
    """One party, as at the counter."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in (*PARTY, *MORE_PARTY):
            self.fields[name] = MAKERS[name](None, None)
            self.fields[name].required = name in PARTY

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        check_identity(self, data)
        return data


class EntryForm(forms.Form):
    """The dispute. `tier`: which committee above the place is to have it; empty is the nearest."""

    def __init__(self, data: Any = None, *, by: Post, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.by = by
        for name in (*FACTS, *MORE_FACTS):
            self.fields[name] = MAKERS[name](None, by)
            self.fields[name].required = name in FACTS
        self.fields["source"].initial = c.Source.WALK_IN
        self.fields["initiative"].initial = c.Initiative.APPLIED
        self.fields["place"] = forms.CharField(
            label=_("纠纷发生地"),
            max_length=15,
            widget=PlaceInput(levels="grid,village,township", path_of=path_of),
        )
        self.fields["tier"] = forms.ChoiceField(
            label=_("由哪一级调解委员会受理"),
            required=False,
            choices=[("", _("最近的一级")), *c.Tier.choices],
        )
        self.fields["direct_reason"] = forms.CharField(
            label=_("由县（市）直接受理的理由"), required=False, max_length=500,
            help_text=_("越过村（社区）和乡镇（街道）时要写，例如：法院诉前委托、跨乡镇。"),
        )  # fmt: skip
        self.fields["came_from"] = forms.CharField(required=False, max_length=24, widget=forms.HiddenInput)

    @property
    def own_alone(self) -> bool:
        """Mediators enter for their own committee, the staff of a centre for any around them."""
        return self.by.role == Role.MEDIATOR

    @property
    def comes_direct(self) -> bool:
        """Whether what is entered here comes to the county's or city's own counter first."""
        assert self.by.division is not None  # a registrar's
        return self.by.role == Role.MEDIATOR and c.TIER_OF[self.by.division.level] == c.Tier.COUNTY

    def clean_place(self) -> Division:
        found = Division.objects.valid_on(clock.today()).filter(code=self.cleaned_data["place"]).first()
        if found is None:
            raise forms.ValidationError(_("没有找到这个地点，请从列表里选。"))
        assert self.by.division is not None  # a registrar's
        if not found.heir.prefix.startswith(tuple(self.by.division.heir.covered_prefixes)):
            raise forms.ValidationError(_("这个地点不在您的岗位范围内。"))
        return found

    def clean_came_from(self) -> Case | None:
        number = self.cleaned_data["came_from"]
        if not number:
            return None
        found = Case.objects.in_scope_of_post(self.by).filter(number=number).first()
        if found is None:
            raise forms.ValidationError(_("没有找到这个编号，或者它不在您的岗位范围内。"))
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        place = data.get("place")
        if place is not None:
            data["committee"] = found = self._committee(place, str(data.get("tier") or ""))
            if found is not None and not data.get("direct_reason") and routing.skips(place, found):
                self.add_error("direct_reason", services.NO_REASON)
        return data

    def _committee(self, place: Division, tier: str) -> Committee | None:
        """The committee that is to have it: a mediator's own, else the nearest or that of the tier asked for."""
        above = routing.committees_above(place)
        if self.own_alone:
            above = [one for one in above if one.division_id == self.by.division_id]
            if not above:
                self.add_error("place", _("这个地点不在本调解委员会的范围内。"))
                return None
        found = next((one for one in above if not tier or one.tier == tier), None)
        if found is None:
            self.add_error("tier", _("这个地点在这一级还没有登记人民调解委员会。"))
        return found


def check_together(form: EntryForm, rows: Sequence[Mapping[str, Any]]) -> None:
    """What the dispute and its parties say together, by the field where it is mended."""
    title = str(form.cleaned_data.get("title") or "")
    if any(row.get("party_name") and row["party_name"] in title for row in rows):
        form.add_error("title", _("标题里不要写当事人姓名。"))
    numbers = [row["id_number"] for row in rows if row.get("id_number")]
    if len(numbers) != len(set(numbers)):
        form.add_error(None, _("两名当事人的身份证号相同，请核对。"))
    if len({row.get("side") for row in rows}) < 2:
        form.add_error(None, _("至少要登记两方当事人。"))


def entry_of(form: EntryForm, rows: Sequence[Mapping[str, Any]]) -> Entry:
    """The checked entry."""
    data = form.cleaned_data
    names = (*FACTS, *MORE_FACTS, "place", "committee", "direct_reason", "came_from")
    return Entry(**{name: data[name] for name in names}, parties=list(rows))
