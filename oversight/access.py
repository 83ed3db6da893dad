"""Who may look at which numbers: each post at its own place and below, a department at its own work.

Released bulletins and rankings are for everybody (docs/domain.md, section 9: everyone sees only what is theirs).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from accounts.roles import CENTRE_ROLES, Role
from cases.errors import NotAllowed, NotFound
from grids.models import Division
from oversight.querysets import EVERYTHING

PLACE_ROLES: Final = frozenset({*CENTRE_ROLES, Role.TOWNSHIP_SECRETARY, Role.COMMITTEE})
BOARD_ROLES: Final = frozenset({Role.COMMITTEE, Role.CENTRE})


@dataclass(frozen=True, slots=True)
class Sight:
    """What a post may look at: all that its role sees in a place (`reader`), or the work of one department or worker
    ("d12", "p3"), of which it sees everything."""

    place: Division | None
    who: str = ""
    reader: str = EVERYTHING


def _sight(post: Post) -> Sight | None:
    if post.role in PLACE_ROLES and post.division is not None:
        return Sight(post.division, reader=post.role)
    if post.role == Role.DEPARTMENT_OFFICER:
        return Sight(None, f"d{post.department_id}")
    if post.role == Role.GRID_WORKER:
        return Sight(None, f"p{post.pk}")
    return None


def has_numbers(post: Post) -> bool:
    """Whether there is anything here for a post to look at."""
    return _sight(post) is not None


def sight_of(post: Post) -> Sight:
    """What a post may look at. Raises NotAllowed for a post that has no numbers here."""
    sight = _sight(post)
    if sight is None:
        raise NotAllowed(_("这个岗位没有看板。调解的统计在“矛盾调解”里。"))
    return sight


def place_for(post: Post, code: str) -> Division | None:
    """The place that a page asks for, if the post may look at it; without a code the post's own.

    Raises NotFound for a place that there is not or that lies outside, NotAllowed as `sight_of` does.
    """
    sight = sight_of(post)
    if not code:
        return sight.place
    found = None
    if sight.place is not None:
        found = Division.objects.within(sight.place).filter(code=code).first()
    if found is None:
        raise NotFound(_("没有这个地点，或者它不在您的岗位范围内。"))
    return found
