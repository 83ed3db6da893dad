"""The forms of the yearly assessment. They read what was typed; the rules are in `assessment_items` and `assessments`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from incidents.report_form import PlainField
from oversight.assessment_items import MOST_ITEMS, NEGATIVE, Draft, Sums, faults_between, faults_of, sums
from oversight.assessment_scores import said
from oversight.assessments import LEAST_REASON, MOST_REASON
from oversight.indicators import BY_CODE
from oversight.models import Assessed, AssessmentItem, ItemKind
from oversight.models.assessments import SHARES

SPARE: Final = 2  # empty rows: saving brings further ones


def _choices(target: Assessed) -> list[Any]:
    """What an item may be: only what the office itself is to do (SHARES says why)."""
    automatic = [(code, BY_CODE[code].name) for code in SHARES[target]]
    if target == Assessed.DEPARTMENT:
        automatic.append((NEGATIVE, BY_CODE[NEGATIVE].name))
    by_hand = [(kind.value, kind.label) for kind in (ItemKind.GIVEN, ItemKind.BONUS)]
    return [("", _("请选择")), (_("按记录自动计分"), automatic), (_("由政法委给分"), by_hand)]


def _number(label: Any, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, max_digits=5, decimal_places=2, widget=forms.NumberInput(attrs={"step": "0.01"}), **more
    )


class ItemForm(forms.Form):
    """One item. An empty last row is none."""

    what = forms.ChoiceField(label=_("怎样得分"))
    name = PlainField(label=_("名称"), max_length=40, required=False)
    purpose = PlainField(label=_("给分依据"), max_length=200, required=False)
    points = _number(_("分值"))
    each = _number(_("每条扣分"), required=False)

    def __init__(self, *args: Any, target: Assessed, **options: Any) -> None:
        super().__init__(*args, **options)
        self.target = target
        self.draft: Draft | None = None
        what = self.fields["what"]
        assert isinstance(what, forms.ChoiceField)
        what.choices = _choices(target)
        if target == Assessed.TOWNSHIP:  # the negative list is of departments
            del self.fields["each"]

    @property
    def columns(self) -> list[forms.BoundField]:
        """The controls of the row, in the order of the columns."""
        return [self[name] for name in self.fields if name != "DELETE"]

    @property
    def saved(self) -> bool:
        """Whether the row stands in the table already, and may be taken out of it."""
        return bool(self.initial)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        draft = self._draft(data)
        for field, why in faults_of(draft).items():
            self.add_error("what" if field == "indicator" else field, str(why))
        if not self.errors:
            self.draft = draft
        return data

    def _draft(self, data: dict[str, Any]) -> Draft:
        what, points = data["what"], data["points"]
        if what in (ItemKind.GIVEN, ItemKind.BONUS):
            return Draft(self.target, ItemKind(what), points, "", data["name"], data["purpose"])
        if what == NEGATIVE:
            return Draft(self.target, ItemKind.NEGATIVE, points, what, each=data.get("each"))
        return Draft(self.target, ItemKind.SHARE, points, what)

    @staticmethod
    def values_of(item: AssessmentItem) -> dict[str, Any]:
        """What a row shows first."""
        plain = {} if item.indicator else {"name": item.name, "purpose": item.purpose}
        each = said(item.each) if item.each else None
        return {"what": item.indicator or item.kind, "points": said(item.points), "each": each, **plain}


if TYPE_CHECKING:
    BaseRows = forms.BaseFormSet[ItemForm]
else:  # generic only for the type checker
    BaseRows = forms.BaseFormSet


class ItemRows(BaseRows):
    """The items of one kind of office, a form each."""

    deletion_widget = forms.CheckboxInput

    @property
    def target(self) -> Assessed:
        return Assessed(self.form_kwargs["target"])

    @property
    def sums(self) -> Sums:
        """What the saved items sum up to."""
        return next(one for one in sums(self.saved) if one.target == self.target)

    saved: Sequence[AssessmentItem] = ()

    def add_fields(self, form: ItemForm, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["DELETE"].label = _("删除")
        for field in form.fields.values():  # in a table the head of the column is no label
            field.widget.attrs["aria-label"] = f"{(index or 0) + 1} {field.label}"

    def clean(self) -> None:
        """A form cut short on its way must not take items away; those to go say so themselves."""
        if self.total_form_count() < len(self.initial or []):
            raise ValidationError(_("提交的内容不完整，请刷新页面再填。"))
        kept = self._kept()
        for number, field, why in faults_between([form.draft for form in kept if form.draft]):
            kept[number].add_error("what" if field == "indicator" else field, str(why))

    def _kept(self) -> list[ItemForm]:
        return [form for form in self.forms if form.draft and not form.cleaned_data.get("DELETE")]

    def drafts(self) -> list[Draft]:
        """The items to keep, in their order."""
        return [form.draft for form in self._kept() if form.draft]


def item_rows(data: QueryDict | None, target: Assessed, items: Sequence[AssessmentItem]) -> ItemRows:
    """The rows of one kind of office, and some empty ones."""
    made = forms.formset_factory(
        ItemForm, formset=ItemRows, extra=SPARE, can_delete=True, max_num=MOST_ITEMS, absolute_max=MOST_ITEMS
    )
    initial = [ItemForm.values_of(one) for one in items if one.target == target]
    rows = made(data, prefix=target.value, initial=initial, form_kwargs={"target": target})
    assert isinstance(rows, ItemRows)
    rows.saved = items
    return rows


def _reason(label: Any, help_text: Any = "") -> PlainField:
    return PlainField(
        label=label, min_length=LEAST_REASON, max_length=MOST_REASON, help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip


class _ScoreForm(forms.Form):
    """A form about one item; its fields are named apart from those of other items on the page."""

    def __init__(self, data: QueryDict | None = None, *, item: AssessmentItem) -> None:
        super().__init__(data, prefix=f"item{item.pk}")
        self.item = item
        if "points" in self.fields:
            attrs = self.fields["points"].widget.attrs
            attrs["min"], attrs["max"] = str(item.lowest), str(item.points)


class MarkForm(_ScoreForm):
    """A score by hand."""

    points = _number(_("得分"))
    reason = _reason(_("理由"), _("被考核单位会看到。只写工作，不写信访和投诉的多少。"))


class AppealForm(_ScoreForm):
    """Why a score is not right."""

    reason = _reason(_("申诉理由"), _("写明哪里不对、有什么依据。每项只能申诉一次。"))


class DecisionForm(_ScoreForm):
    """The answer to an appeal."""

    upheld = forms.ChoiceField(
        label=_("裁定"), choices=[("yes", _("支持，改分")), ("no", _("不支持"))], widget=forms.RadioSelect
    )
    points = _number(_("改为几分"), required=False, help_text=_("支持时填。"))
    answer = _reason(_("裁定理由"), _("申诉单位会看到。"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("upheld") == "yes" and data.get("points") is None and "points" not in self.errors:
            self.add_error("points", str(_("请写明改为几分。")))
        if data.get("upheld") == "no":
            data["points"] = None
        return data


class YearForm(forms.Form):
    """For which year."""

    year = forms.TypedChoiceField(label=_("年度"), coerce=int)

    def __init__(self, *args: Any, years: Sequence[int], **options: Any) -> None:
        super().__init__(*args, **options)
        year = self.fields["year"]
        assert isinstance(year, forms.ChoiceField)
        year.choices = [(one, str(one)) for one in years]
