"""How places, departments and the work calendar are read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length

if TYPE_CHECKING:
    from grids.models import Department, DepartmentKind, Division, DivisionLevel, Grid  # noqa: F401


MOST_WORDS = 10  # in one search
MOST_LETTERS = 400  # in one word: the longest pinyin; a longer pattern the database refuses with an error


def in_force_q(day: date, via: str = "") -> Q:
    """The condition that a dated row is in force on a day: first and last day count, an empty end is open.

    `via` is the path to the dated row, such as "division__".
    """
    begun = Q((f"{via}valid_from__isnull", True)) | Q((f"{via}valid_from__lte", day))
    return begun & (Q((f"{via}valid_to__isnull", True)) | Q((f"{via}valid_to__gte", day)))


def prefix_q(field: str, prefixes: Iterable[str]) -> Q:
    """The condition that the text in `field` begins with one of the prefixes; none given matches nothing.

    `field` is a path to `Division.prefix`, such as "prefix" or "place__prefix".
    """
    condition = Q(pk__in=[])
    for prefix in prefixes:
        condition |= Q((f"{field}__startswith", prefix))
    return condition


def _named(word: str, via: str = "") -> Q:
    """The condition that a word names a division; `via` is the path to it, such as "parent__"."""
    letters = "" if not word.isascii() else " ?".join(re.escape(letter) for letter in word)
    condition = Q((f"{via}name__icontains", word)) | Q((f"{via}code__startswith", word))
    if letters:
        condition |= Q((f"{via}initials__startswith", word)) | Q((f"{via}pinyin__regex", f"^{letters}"))
    return condition


class DivisionQuerySet(models.QuerySet["Division"]):
    def valid_on(self, day: date) -> Self:
        """Divisions in force on this day."""
        return self.filter(in_force_q(day))

    def within(self, division: Division) -> Self:
        """The division, all below it, and the subtrees of the predecessors it took over."""
        return self.filter(prefix_q("prefix", division.covered_prefixes))

    def with_path(self) -> Self:
        """Everything that `Division.path` reads, in the same query."""
        return self.select_related("parent__parent__parent")

    def city_root(self) -> Division:
        """The division that this installation governs (setting GEZHI_CITY_CODE).

        Raises Division.DoesNotExist while its table has not been imported.
        """
        return self.get(code=settings.GEZHI_CITY_CODE)

    def in_city(self) -> Self:
        """The divisions under the city's root, it included; none while its table has not been imported."""
        root = self.model.objects.filter(code=settings.GEZHI_CITY_CODE).first()
        return self.within(root) if root is not None else self.none()

    def matching(self, words: str) -> Self:
        """Divisions that the last word names, each word before it naming them or one of the two above them.

        A word names a division when its name holds it, or its code or pinyin begins with it: "jg", "jianguang" and
        "剑光" all find 剑光街道, "剑光 东门 3" the third grid of a village of it.
        """
        found = self
        *before, last = words.replace("\0", " ").lower().split() or [""]
        if len(before) >= MOST_WORDS or any(len(word) > MOST_LETTERS for word in (*before, last)):
            return found.none()  # no place has such a name, and every word costs
        for word in before:
            found = found.filter(_named(word) | _named(word, "parent__") | _named(word, "parent__parent__"))
        return found.filter(_named(last)) if last else found

    def by_pinyin(self) -> Self:
        """In the order in which a Chinese reader looks names up."""
        return self.order_by("pinyin", "code")

    def by_rank(self) -> Self:
        """The higher levels first, each by pinyin."""
        return self.order_by(Length("prefix"), "pinyin", "code")


class GridQuerySet(models.QuerySet["Grid"]):
    def valid_on(self, day: date) -> Self:
        """Grids whose division is in force on this day."""
        return self.filter(in_force_q(day, "division__"))

    def within(self, division: Division) -> Self:
        """The grids of a division's subtree, with those it took over."""
        return self.filter(prefix_q("division__prefix", division.covered_prefixes))


class DepartmentQuerySet(models.QuerySet["Department"]):
    def valid_on(self, day: date) -> Self:
        """Departments in force on this day."""
        return self.filter(in_force_q(day))

    def for_place(self, kind: DepartmentKind | str, place: Division, level: DivisionLevel | str) -> Self:
        """The departments of a kind that serve a place from a level (city, county or township).

        Where the place has no such level (丰城 has no counties), the next level above answers. Says nothing about
        dates: chain `valid_on`.
        """
        seat = place.at_level(level)
        code = kind if isinstance(kind, str) else kind.code
        return self.filter(kind_id=code, division=seat) if seat is not None else self.none()

    def within(self, division: Division) -> Self:
        """The departments seated in a division's subtree."""
        return self.filter(prefix_q("division__prefix", division.covered_prefixes))
