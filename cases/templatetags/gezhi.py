"""Words, icons and small pieces that every page uses. Load with {% load gezhi %}."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Final

from django import forms, template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cases import personal, words
from cases.looks import DeadlineLike, deadline_look
from grids import clock

register = template.Library()

CONTROL_CLASSES: Final[dict[str, str]] = {
    "checkbox": "form-check-input",
    "select": "form-select",
    "selectmultiple": "form-select",
    "lazyselect": "form-select",
    "nullbooleanselect": "form-select",
    "radioselect": "form-check-input",
    "checkboxselectmultiple": "form-check-input",
}


@register.filter
def when(value: datetime | date | None, now: datetime | None = None) -> str:
    """{{ event.at|when }}: 今天 14:05, 昨天 14:05, 11月20日 14:05, with the year if another. Empty stays empty."""
    return words.when(value, now) if value else ""


@register.filter
def until(value: datetime | None, now: datetime | None = None) -> str:
    """{{ deadline.due_at|until }}: as `when`, but midnight is 24:00 of the day that ends. Empty stays empty."""
    return words.until(value, now) if value else ""


@register.filter
def until_in_full(value: datetime | None) -> str:
    """{{ deadline.due_at|until_in_full }}: 2026-11-22 24:00, for paper."""
    return words.until_in_full(value) if value else ""


@register.filter
def duration(value: timedelta | float | None) -> str:
    """{{ span|duration }}: a timedelta, or seconds, in its two largest units."""
    return "" if value is None else words.duration(value)


@register.filter
def countdown(value: datetime | None, now: datetime | None = None) -> str:
    """{{ deadline.due_at|countdown }}: 还剩 1小时20分, or 已超期 3小时. Words only; the chip is `deadline_chip`."""
    return words.countdown(value, now) if value else ""


@register.filter
def day_heading(value: date) -> str:
    """{{ day|day_heading }}: 今天 · 11月22日 星期日."""
    return words.day_heading(value)


@register.filter
def mask(value: str | None, field: str) -> str:
    """{{ phone|mask:"phone" }}: 138****1234. Values kept encrypted come masked from `personal.masked` already."""
    return personal.mask(field, value or "")


@register.filter
def iso(value: datetime) -> str:
    """{{ at|iso }}: an instant for a `datetime` or `data-` attribute, to the millisecond, in China's time."""
    return value.astimezone(clock.SHANGHAI).isoformat(timespec="milliseconds")


@register.filter
def by_day(entries: Iterable[Any]) -> list[tuple[date, list[Any]]]:
    """{% for day, group in entries|by_day %}: entries with `.at`, in their order, grouped by China's day."""
    return [
        (day, list(group)) for day, group in groupby(entries, key=lambda entry: clock.local_day(entry.at))
    ]


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """{% icon "bell" %}: a drawing of static/img/icons.svg; never read aloud, so words stand beside it."""
    return format_html(
        '<svg class="gz-icon {}" aria-hidden="true" focusable="false" width="20" height="20"><use href="{}#{}"></use></svg>',
        css,
        static("img/icons.svg"),
        name,
    )


@register.inclusion_tag("components/deadline.html")
def deadline_chip(deadline: DeadlineLike | None, duty: str = "") -> dict[str, Any]:
    """{% deadline_chip deadline duty="处置" %}: time left and instant, counted down from the server's clock.

    `deadline` None shows that no time limit runs. `duty` is put before the words.
    """
    if deadline is None:
        return {"chip": None}
    return {"chip": deadline_look(deadline, words.page_now()), "duty": duty}


def control_class(widget: forms.Widget) -> str:
    """The class of Tabler that fits a widget."""
    kind = type(widget).__name__.lower()
    input_type = getattr(widget, "input_type", "")
    return CONTROL_CLASSES.get(input_type) or CONTROL_CLASSES.get(kind) or "form-control"


@register.simple_tag
def control(field: forms.BoundField) -> SafeString:
    """{% control field %}: the bare control of a form field, with Tabler's class and the invalid mark."""
    widget = field.field.widget
    names = [str(widget.attrs.get("class", "")), control_class(widget), "is-invalid" if field.errors else ""]
    return field.as_widget(attrs={"class": " ".join(name for name in names if name)})


@register.filter
def is_choice_group(field: forms.BoundField) -> bool:
    """Whether the field is a group of radio buttons or check boxes: it takes a fieldset and a legend."""
    return field.use_fieldset


@register.filter
def is_single_check(field: forms.BoundField) -> bool:
    """Whether the field is one check box: its label stands behind it."""
    return getattr(field.field.widget, "input_type", "") == "checkbox" and not field.use_fieldset


@register.filter
def anchor(field: forms.BoundField) -> str:
    """The id that a link in the error summary leads to: the control, or the first of a group."""
    return field.id_for_label or f"{field.auto_id}_0"
