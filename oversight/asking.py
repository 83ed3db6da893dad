"""What an address asks of the figures: which period, which place, by what, of which subject."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from cases.errors import Incomplete
from cases.periods import Period
from grids import clock
from grids.models import Division, DivisionLevel
from oversight import access, tables
from oversight.access import Sight
from oversight.figures import Slice
from oversight.indicators import BY_CODE, Indicator, Subject
from oversight.indicators import Sum as Formula
from oversight.querysets import PUBLIC
from oversight.tables import BELOW, Grouping

LONGEST: Final = 3660  # days: ten years
OLDEST: Final = date(2000, 1, 1)
NEWEST: Final = date(2099, 12, 31)


class PeriodForm(forms.Form):
    """From a day to a day, both counted; without any, this month."""

    since = forms.DateField(label=_("从"), required=False)
    until = forms.DateField(label=_("到"), required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        month = Period.month_of(clock.today())
        first, last = data.get("since") or month.first, data.get("until") or month.last
        if not (OLDEST <= first <= NEWEST and OLDEST <= last <= NEWEST):
            self.add_error("since", gettext("年份要在 2000 到 2099 之间。"))
        elif last < first:
            self.add_error("until", gettext("“到”不能早于“从”。"))
        elif (last - first).days > LONGEST:
            self.add_error("until", gettext("时段最长十年。"))
        return data | {"period": Period(first, last)}


class FiguresForm(PeriodForm):
    """The question of a table."""

    place = forms.CharField(required=False, max_length=15)
    subject = forms.ChoiceField(choices=Subject.choices, required=False)
    by = forms.ChoiceField(choices=Grouping.choices, required=False)


class BehindForm(PeriodForm):
    """The question of what stands behind a number."""

    indicator = forms.ChoiceField(choices=[(code, one.name) for code, one in BY_CODE.items()])
    side = forms.ChoiceField(choices=[("numerator", "numerator"), ("denominator", "denominator")])
    place = forms.CharField(required=False, max_length=15)
    who = forms.RegexField(r"^[dop]\d{1,18}$", required=False)
    category = forms.CharField(required=False, max_length=40)
    public = forms.BooleanField(required=False)


def _checked(form: forms.Form) -> dict[str, Any]:
    if not form.is_valid():
        errors = {name: [str(one) for one in found] for name, found in form.errors.items()}
        raise Incomplete(_("有内容需要补充或改正。"), errors=errors)
    return dict(form.cleaned_data)


@dataclass(frozen=True, slots=True)
class Asked:
    """A checked question of a table, as far as the post may ask it."""

    post: Post
    subject: Subject
    grouping: Grouping
    period: Period
    place: Division | None
    sight: Sight

    @property
    def only(self) -> str:
        """The office or worker whose numbers these are alone; empty: of everybody in the place."""
        return self.sight.who

    @property
    def groupings(self) -> list[Grouping]:
        """By what this post may see this subject here."""
        return _groupings(self.subject, self.place, self.only)

    def table(self) -> tables.Table:
        return tables.make(
            self.subject, self.grouping, self.period, self.place, reader=self.sight.reader, only=self.only
        )


def _groupings(subject: Subject, place: Division | None, only: str) -> list[Grouping]:
    found = tables.groupings_of(subject)
    if only:
        kind = Grouping.WORKER if only.startswith("p") else Grouping.OFFICE
        return [one for one in found if one == kind]
    assert place is not None  # who has no place has `only`
    return [one for one in found if _offered(one, DivisionLevel(place.level))]


def _offered(grouping: Grouping, level: DivisionLevel) -> bool:
    """A grid has no places below; workers are told township by township: a city has thousands of them."""
    if grouping == Grouping.WORKER:
        return level not in (DivisionLevel.CITY, DivisionLevel.COUNTY)
    return grouping != Grouping.PLACE or level in BELOW


def subjects_of(post: Post) -> list[Subject]:
    """The subjects of which a post sees anything."""
    sight = access.sight_of(post)
    return [one for one in Subject if _groupings(one, sight.place, sight.who)]


def figures(post: Post, data: QueryDict) -> Asked:
    """The question of a table. Raises Incomplete, and NotFound or NotAllowed as `access` does."""
    given = _checked(FiguresForm(data))
    sight = access.sight_of(post)
    place = access.place_for(post, given["place"])
    known = subjects_of(post)
    subject = Subject(given["subject"]) if given["subject"] in known else known[0]
    groupings = _groupings(subject, place, sight.who)
    grouping = Grouping(given["by"]) if given["by"] in groupings else groupings[0]
    return Asked(post, subject, grouping, given["period"], place, sight)


@dataclass(frozen=True, slots=True)
class Behind:
    """A checked question of what stands behind a number."""

    indicator: Indicator
    formula: Formula
    said: Any
    of: Slice


def behind(post: Post, data: QueryDict) -> Behind:
    """What stands behind a number that the post may see. Raises Incomplete, NotFound or NotAllowed."""
    given = _checked(BehindForm(data))
    sight = access.sight_of(post)
    place = access.place_for(post, given["place"])
    one = BY_CODE[given["indicator"]]
    upper = given["side"] == "numerator"
    formula = one.numerator if upper else one.denominator
    if formula is None:
        raise Incomplete(_("这个指标没有分母。"), errors={"side": [gettext("这个指标没有分母。")]})
    reader = PUBLIC if given["public"] else sight.reader
    of = Slice(given["period"], place, sight.who or given["who"], given["category"], reader)
    return Behind(one, formula, one.numerator_name if upper else one.denominator_name, of)
