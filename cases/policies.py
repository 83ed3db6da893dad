"""Named answers to "where does this post stand to this case" and "who has handled it"; tables use the names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Post
from accounts.roles import Role
from cases import parts, recusals, verbs
from cases.divisions import RANK
from cases.models import Case, CaseEvent, CaseLink, LinkKind
from cases.offices import Office
from grids.wording import listed

OFFICE, HANDLER, CO_HANDLER, GRID, ABOVE, REPORTER, SCOPE = (
    "office",
    "handler",
    "co_handler",
    "grid",
    "above",
    "reporter",
    "scope",
)
STANCES = {
    OFFICE: gettext_lazy("负责的综治中心"),
    HANDLER: gettext_lazy("主办单位"),
    CO_HANDLER: gettext_lazy("协办单位"),
    GRID: gettext_lazy("所在网格的网格员"),
    ABOVE: gettext_lazy("上级综治中心或政法委"),
    REPORTER: gettext_lazy("上报人"),
    SCOPE: gettext_lazy("辖区内的岗位"),
}


def covers(post: Post, case: Case) -> bool:
    """Whether the case's place lies in the post's own division (predecessors included)."""
    if post.division is None:
        return False
    return any(case.place_prefix.startswith(prefix) for prefix in post.division.covered_prefixes)


def _is_above(post: Post, case: Case) -> bool:
    """A centre of a higher level over the place it covers; a secretary or a committee also beside its own centre."""
    if post.division is None:
        return False
    rank, own = RANK[post.division.level], RANK[case.office.level]
    return rank > own or (rank == own and post.role in (Role.COMMITTEE, Role.TOWNSHIP_SECRETARY))


def stances(case: Case, post: Post) -> frozenset[str]:
    """All the ways in which a post stands to a case now.

    A sensitive matter gives none to an unnamed role, nor any matter to a person who is out of it (回避).
    """
    found: set[str] = set()
    own = Office.of(post)
    for part in parts.held(case):
        if part.user_id == post.user_id if part.kind == REPORTER else part.office == own:
            found.add(part.kind)
    unnamed = case.sensitive and post.role not in case.visible_roles
    if unnamed or recusals.is_recused(case, post.user):
        return frozenset(found & {REPORTER})
    if post.division_id == case.office.heir.pk:
        found.add(OFFICE)
    if post.role == Role.GRID_WORKER and post.division_id == case.place.heir.pk:
        found.add(GRID)
    if covers(post, case):
        found.add(SCOPE)
        if _is_above(post, case):
            found.add(ABOVE)
    return frozenset(found)


def who_may(
    roles: Iterable[Role], row_stances: Iterable[str], case: Case, names: Mapping[str, Promise] | None = None
) -> str:
    """The sentence that a refused person reads: who does this, so that they can turn to them.

    `names`: what stances are called that only the rows of a case know.
    """
    known = {**STANCES, **(names or {})}
    stances_text = listed(known[name] for name in row_stances)
    return _("这个操作由%(who)s办理，您现在的岗位不能办理。现在负责的是%(office)s。") % {
        "who": stances_text,
        "office": case.office.name,
    }


# The cases that a link of these kinds leads from are parts of the one it leads to.
PART_OF = (LinkKind.SPLIT, LinkKind.DUPLICATE)


def _same_matter(case: Case) -> set[int]:
    """The case, its tasks, theirs, the duplicates merged into any of them, and what it was itself split from (ids)."""
    found = below = {case.pk}
    while below:
        links = CaseLink.objects.filter(target__in=below, kind__in=PART_OF)
        below = set(links.values_list("source_id", flat=True)) - found
        found = found | below
    upward = {case.pk}
    while upward:
        links = CaseLink.objects.filter(source__in=upward, kind=LinkKind.SPLIT)
        upward = set(links.values_list("target_id", flat=True)) - found
        found = found | upward
    return found


def _handling(cases: set[int]) -> list[tuple[int | None, int | None, int | None, int | None]]:
    """Actor, department, division and the division's successor of every handling entry of these cases."""
    entries = CaseEvent.objects.filter(
        case__in=cases, verb__in=verbs.handling_codes(), post__isnull=False
    ).values_list("actor_id", "post__department_id", "post__division_id", "post__division__successor_id")
    return list(entries)


def handlers_of(case: Case) -> tuple[set[int], set[Office]]:
    """People (user ids) and offices that handled the matter or any part of it, read from the record.

    What a division handled that was merged since counts as its successor's. Rule: who closes is never who handled
    (digital city management practice; domain rules, section 3).
    """
    rows = _handling(_same_matter(case))
    people = {actor for actor, *_holder in rows if actor is not None}
    return people, {Office.held(*holder) for holder in {tuple(holder) for _actor, *holder in rows}}
