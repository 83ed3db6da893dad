"""The form of an action: one field for each name in its row of the table. The page and the API check alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django import forms

from accounts.models import Post

if TYPE_CHECKING:
    from cases.tables import Transition

# Makes the field of one name, for what moves (a case or a row of it) and the post that acts; None is the system.
FieldMaker = Callable[[Any, Post | None], forms.Field]


class ActionForm(forms.Form):
    """The fields of a row of a table, those it needs first. A kind that checks several together makes a subclass.

    `thing`: what moves, a case or a row of it. `makers`: how each field is made, by its name.
    """

    def __init__(
        self,
        thing: Any,
        row: Transition,
        by: Post | None,
        *args: Any,
        makers: Mapping[str, FieldMaker],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.thing, self.row, self.by = thing, row, by
        for name in row.fields:
            made = makers[name](thing, by)
            if name in row.takes:
                made.required = False
            self.fields[name] = made
