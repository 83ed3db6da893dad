"""Form controls of our own: choosing a place, adding photos. Each is a plain input first; scripts improve it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from django import forms
from django.urls import reverse_lazy
from django.utils.functional import Promise

SEARCH_URL: Final = reverse_lazy("place-search")


@dataclass(frozen=True, slots=True)
class PlaceChoice:
    """A place as the picker offers it. `path`: 剑光街道 › 东门社区 › 03网格."""

    code: str
    name: str
    path: str
    initials: str = ""


class PlaceInput(forms.TextInput):
    """The place picker over the search of places. Its value is a place's code.

    `levels`: what may be chosen, e.g. "grid" or "grid,village"; empty for all.
    `own`: offered before anything is typed (my grids first); set per request: `field.widget.own = [...]`.
    `path_of`: the words for a code already chosen. Without scripts the code is typed.
    """

    template_name = "components/widgets/place.html"

    def __init__(
        self,
        *,
        levels: str = "",
        own: Sequence[PlaceChoice] = (),
        path_of: Callable[[str], str] = str,
        search_url: str | Promise = SEARCH_URL,
        attrs: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(attrs)
        self.levels, self.own, self.path_of, self.search_url = levels, own, path_of, search_url

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        chosen = context["widget"]["value"]
        context["widget"] |= {
            "levels": self.levels,
            "own": json.dumps([asdict(place) for place in self.own], ensure_ascii=False),
            "label": self.path_of(chosen) if chosen else "",
            "search_url": str(self.search_url),
        }
        return context


class PhotosInput(forms.FileInput):
    """Several photos, made smaller on the phone before they are sent; `files` holds a list.

    `max_count`: how many at most. Without scripts it is a plain file field.
    """

    template_name = "components/widgets/photos.html"
    allow_multiple_selected = True

    def __init__(self, *, max_count: int = 9, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"accept": "image/jpeg,image/png,image/webp", "multiple": True, **(attrs or {})})
        self.max_count = max_count

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.getlist(name) if hasattr(files, "getlist") else files.get(name, [])

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["max_count"] = self.max_count
        return context
