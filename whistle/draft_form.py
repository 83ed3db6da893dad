"""A new whistle, on its page and in the API: what the table's own fields ask, and the cases it grew out of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from cases.models import Case
from whistle.forms import MAKERS
from whistle.services import Draft
from whistle.workflow import FACTS

MOST_LINKS: Final = 20


class CasesField(forms.CharField):
    """Numbers of cases within the scope of the post, with spaces or commas between. Cleaned: a list of cases."""

    def __init__(self, *, by: Post, **kwargs: Any) -> None:
        self.by = by
        super().__init__(max_length=600, required=False, **kwargs)

    def clean(self, value: Any) -> Any:
        given = " ".join(value) if isinstance(value, list) else value
        words = (
            str(super().clean(given)).replace("，", " ").replace(",", " ").replace("、", " ").upper().split()
        )
        numbers = list(dict.fromkeys(words))[: MOST_LINKS + 1]
        if len(numbers) > MOST_LINKS:
            raise forms.ValidationError(_("一次最多关联 %(most)s 件。"), params={"most": MOST_LINKS})
        found = {
            case.number: case for case in Case.objects.in_scope_of_post(self.by).filter(number__in=numbers)
        }
        unknown = [number for number in numbers if number not in found]
        if unknown:
            raise forms.ValidationError(
                _("没有找到 %(numbers)s，或者不在您的岗位范围内。"), params={"numbers": "、".join(unknown)}
            )
        return [found[number] for number in numbers]


class DraftForm(forms.Form):
    """What a whistle says at first. `came_from`: the one case that becomes this whistle."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, by: Post, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for name in (*FACTS, "lat", "lng"):
            self.fields[name] = MAKERS[name](None, by)
        for name in ("lat", "lng"):
            self.fields[name].required = False
        self.fields["came_from"] = CasesField(by=by, label=_("由哪个事项转来"), widget=forms.HiddenInput)
        self.fields["linked"] = CasesField(
            by=by, label=_("关联事项"), help_text=_("事件或吹哨的编号，多个用空格分开；可以不填。")
        )

    def clean_came_from(self) -> list[Case]:
        found: list[Case] = self.cleaned_data["came_from"]
        if len(found) > 1:
            raise forms.ValidationError(_("一个吹哨只由一个事项转来；其他的请填在关联事项里。"))
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if (data.get("lat") is None) != (data.get("lng") is None):
            self.add_error("address", _("经度和纬度要一起给出。"))
        return data

    @property
    def facts(self) -> Draft:
        """The checked draft."""
        data = self.cleaned_data
        names = (*FACTS, "lat", "lng")
        came_from = next(iter(data["came_from"]), None)
        return Draft(**{name: data[name] for name in names}, came_from=came_from, linked=data["linked"])
