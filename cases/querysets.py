"""Which cases a person sees: one rule, used by every list, count, map, search, export and page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q, QuerySet

from accounts.models import Post, User
from accounts.roles import STAFF_ROLES, Role
from cases.recusals import recused_q
from cases.search import terms
from grids import clock
from grids.models import Division
from grids.querysets import prefix_q

if TYPE_CHECKING:
    from cases.models import Case  # noqa: F401 - the base class names it in a string

# A post in one of these roles sees the matters that lie in its own place. Staff of any office (STAFF_ROLES) see
# those in which it holds a part. The three administrators are in neither set: they see none.
PLACE_ROLES = frozenset(
    {
        Role.GRID_WORKER,
        Role.VILLAGE_CENTRE,
        Role.TOWNSHIP_CENTRE,
        Role.TOWNSHIP_SECRETARY,
        Role.CENTRE,
        Role.COMMITTEE,
    }
)

# Disputes are their mediators': other posts of a place watch over them without the inner side, which holds what the
# parties said (人民调解法, article 15); to a grid worker a place alone shows none of them.
DISPUTES = "mediation"


def within_q(division: Division, field: str = "place_prefix") -> Q:
    """Rows whose place lies in the division or in a predecessor it took over (domain rules, section 1)."""
    return prefix_q(field, division.covered_prefixes)


def _word_q(word: str) -> Q:
    """Cases that hold one word of a search."""
    found = Q(number=word.upper()) | Q(search__contains=terms(word))
    for path in ("place", "place__parent", "place__parent__parent"):
        found |= Q((f"{path}__name__icontains", word))
    if word.isascii() and word.isdigit() and len(word) >= 3:
        found |= Q(number__endswith=word)
    return found


class CaseQuerySet(models.QuerySet["Case"]):
    """Read paths of the spine."""

    def _open_parts(self) -> QuerySet[Any]:
        part: Any = self.model._meta.get_field("parts").related_model
        found: QuerySet[Any] = part._default_manager.filter(ended_at__isnull=True)
        return found

    def _scope_of(self, post: Post) -> Q:
        """What one post sees by its place and by its office's parts; sensitive matters by named role only."""
        q = Q(pk__in=[])
        # The place first: the database tries conditions in their order, and most of what a post sees lies in its place.
        if post.role in PLACE_ROLES and post.division is not None:
            theirs = self._within(post.division)
            q |= theirs & ~Q(kind=DISPUTES) if post.role == Role.GRID_WORKER else theirs
        if post.role in STAFF_ROLES:
            office = Q(department=post.department_id) if post.department_id else self._seats(post.division)
            # Reporters are people, not offices: a colleague does not see a matter for having reported it.
            q |= Q(pk__in=self._open_parts().filter(office).exclude(kind="reporter").values("case"))
        if post.role == Role.MEDIATOR:
            q |= self._disputes_of(post.division)
        return q & (Q(sensitive=False) | Q(visible_roles__contains=[post.role]))

    @staticmethod
    def _within(division: Division) -> Q:
        """What lies in a division, except what an office below has begun to write and not yet handed in."""
        prefixes = division.covered_prefixes
        ours = Division.objects.filter(prefix_q("prefix", prefixes), level=division.level)
        return prefix_q("place_prefix", prefixes) & (~Q(state="draft") | Q(office__in=ours))

    def _disputes_of(self, division: Division | None) -> Q:
        """The disputes that a division's mediation committee has, or has passed on."""
        seats = self._seats(division)
        ours = self._open_parts().filter(seats)
        return Q(kind=DISPUTES) & (self._seats(division, "office") | Q(pk__in=ours.values("case")))

    @staticmethod
    def _seats(division: Division | None, field: str = "division") -> Q:
        """The office of a division, and those of the divisions that were merged into it."""
        if division is None:
            return Q(pk__in=[])
        prefixes = division.covered_prefixes
        if prefixes == [division.prefix]:
            return Q((field, division))  # as for most: the planner knows how few parts one office has
        merged = Division.objects.filter(prefix_q("prefix", prefixes), level=division.level)
        return Q((field, division)) | Q((f"{field}__in", merged))

    def _posts(self, user: User) -> list[Post]:
        return list(Post.objects.held_on(clock.today()).filter(user=user).select_related("division"))

    def in_scope_of(self, user: User) -> Self:
        """Cases that a post held now gives full sight of, inner notes included."""
        q = Q(pk__in=[])
        for post in self._posts(user):
            q |= self._scope_of(post)
        return self.filter(q)

    def inside_of(self, user: User) -> Self:
        """Cases whose inner side the person may read: those in scope, of disputes those that their committee has now.

        Nobody reads the inner side of a case that they are out of (回避).
        """
        q = Q(pk__in=[])
        for post in self._posts(user):
            scope = self._scope_of(post)
            theirs = self._seats(post.division, "office") if post.role == Role.MEDIATOR else Q(pk__in=[])
            q |= scope & (~Q(kind=DISPUTES) | theirs)
        return self.filter(q & ~recused_q(user))

    def in_scope_of_post(self, post: Post) -> Self:
        """Cases that this one post gives full sight of, if it is held today; nothing otherwise."""
        held = Post.objects.held_on(clock.today()).filter(pk=post.pk).exists()
        return self.filter(self._scope_of(post)) if held else self.none()

    def visible_to(self, user: User) -> Self:
        """Cases that the person may see: those in scope, and those they reported while holding any post."""
        posts = self._posts(user)
        if not posts:
            return self.none()
        reported = self._open_parts().filter(kind="reporter", post__user=user)
        q = Q(pk__in=[])
        for post in posts:
            q |= self._scope_of(post)
        return self.filter(q | Q(pk__in=reported.values("case")))

    def unscoped(self) -> Self:
        """All cases, for background work only (deadlines, notices, commands); review looks for this name."""
        return self.all()

    def open(self) -> Self:
        return self.filter(closed_at__isnull=True)

    def numbered(self, number: str) -> Self:
        """The case of a number, however its letters were typed."""
        return self.filter(number=number.upper())

    def within(self, division: Division) -> Self:
        return self.filter(within_q(division))

    def matching(self, query: str) -> Self:
        """Cases that hold every word of the query: in the number, the names of the place, or any two characters.

        Three or more digits also find the number that ends in them. Signs between words, such as the › of a
        path, are passed over.
        """
        words = [word for word in query.split() if terms(word)]
        if not words and query.strip():
            return self.none()
        found = self
        for word in words:
            found = found.filter(_word_q(word))
        return found


CaseManager = models.Manager.from_queryset(CaseQuerySet)
