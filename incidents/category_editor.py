"""The page that edits a small category: its form, the rows of its extra fields, and the proposal they become."""

from __future__ import annotations

from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import Post
from cases.errors import Incomplete, WrongState
from incidents import category_services as services
from incidents.category_forms import (
    MOST_ROWS,
    ROWS,
    CategoryForm,
    NewCategoryForm,
    field_rows,
    first_times,
    unjudged,
)
from incidents.models import Category, CategoryVersion

# A new category starts from times that a centre knows, to be changed.
FIRST_TIMES: Final[dict[str, Any]] = {
    "file": [30, "working_minutes"],
    "assign": [30, "working_minutes"],
    "accept": [60, "working_minutes"],
    "handle": [5, "working_days"],
    "verify": [240, "working_minutes"],
    "whole": [8, "working_days"],
}
FIRST_URGENT: Final[dict[str, Any]] = {
    "file": [15, "working_minutes"],
    "assign": [15, "working_minutes"],
    "accept": [30, "working_minutes"],
    "handle": [1, "working_days"],
    "verify": [120, "working_minutes"],
    "whole": [2, "working_days"],
}


class Editor:
    """What was there, what was typed, and what is wrong with it.

    `category` None makes a new one. `stale` is the sentence to show when somebody was quicker; what was typed stays.
    """

    def __init__(self, data: QueryDict | None, category: Category | None, *, parent: str = "") -> None:
        self.data, self.category = data, category
        self.version = _shown(category) if category else None
        self.stale = ""
        kind = CategoryForm if category else NewCategoryForm
        self.form = kind(data, initial=self._initial(parent))
        self.rows = field_rows(data, self._specs())

    def _initial(self, parent: str) -> dict[str, Any]:
        if self.category and self.version:
            current = services.in_force(self.category)
            return {**CategoryForm.values_of(self.version), "base": current.number if current else None}
        times = first_times("n_", FIRST_TIMES) | first_times("u_", FIRST_URGENT)
        large = Category.objects.large().filter(code=parent).first()
        return {"filing_level": "township", "department_level": "township", "parent": large, **times}

    def _specs(self) -> list[dict[str, Any]]:
        return self.version.fields if self.version else []

    def with_another_row(self) -> None:
        """Without scripts the button sends the form: it comes back as typed, with one more row and nothing judged."""
        assert self.data is not None
        data = self.data.copy()
        name = f"{ROWS}-TOTAL_FORMS"
        sent = data.get(name, "")
        data[name] = str(min(int(sent) + 1, MOST_ROWS) if sent.isdecimal() and len(sent) < 4 else 1)
        self.rows = field_rows(data, self._specs())
        unjudged(self.form)
        self.rows.unjudged()

    @property
    def wrong(self) -> bool:
        """Whether the summary of errors has anything to say."""
        if self.data is None:
            return False
        return bool(self.form.errors or self.rows.non_form_errors() or any(self.rows.errors))

    def propose(self, by: Post) -> CategoryVersion | None:
        """The proposal; None when something is wrong, which the form, the rows or `stale` then say."""
        sound = [self.form.is_valid(), self.rows.is_valid()]
        if not all(sound):
            return None
        try:
            return self._propose(by)
        except Incomplete as error:
            self._take(error)
        except WrongState as error:
            self.stale = str(error)
        return None

    def _propose(self, by: Post) -> CategoryVersion:
        data = self.form.cleaned_data
        content = {**self.form.content(), "fields": self.rows.specs()}
        if self.category is None:
            return services.propose_new(
                parent=data["parent"], code=data["code"], content=content, reason=data["reason"], by=by
            )
        return services.propose(
            self.category, changes=content, reason=data["reason"], base=data["base"], by=by
        )

    def _take(self, error: Incomplete) -> None:
        """A fault of the list of extra fields as a whole stands above its rows."""
        errors = dict(error.errors)
        for reason in errors.pop("fields", []):
            self.rows.non_form_errors().append(_("附加字段：%(reason)s") % {"reason": reason})
        self.form.take(errors)


def _shown(category: Category) -> CategoryVersion | None:
    """What the form starts from: the version in force; of a category never agreed to, the latest that was proposed."""
    return services.in_force(category) or category.versions.order_by("-number").first()
