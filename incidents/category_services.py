"""Changes to the catalogue of matters, by two people: a system administrator proposes, the city's centre agrees.

Every write locks the category's row first and the record of administration last. Nothing is written over: a change
is a new version. Matters keep the version they were reported under, so no running deadline ever moves.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import record
from accounts.models import AdminAction, Post
from accounts.record import Entry
from accounts.roles import Role
from cases.errors import Incomplete, NotAllowed, NotFound, WrongState
from grids import clock
from incidents import category_rules as rules
from incidents.category_content import KEYS, Content, changed_keys, check, content_of
from incidents.models import Category, CategoryVersion, VersionState

CONTENT_KEYS: Final = frozenset(KEYS)


def may_propose(post: Post | None) -> bool:
    """Whether this post proposes changes to the catalogue: the system administrator's."""
    return post is not None and post.role == Role.SYSTEM_ADMIN


def may_decide(post: Post | None) -> bool:
    """Whether this post agrees to changes: the centre of the city itself, not of a county in it."""
    return (
        post is not None
        and post.role == Role.CENTRE
        and post.division is not None
        and post.division.code == settings.GEZHI_CITY_CODE
    )


def proposed_by(version: CategoryVersion, post: Post | None) -> bool:
    """Whether this person proposed the version, under whichever post."""
    return post is not None and version.proposed_by_id == post.user_id


# --- proposing


def propose(
    category: Category, *, changes: Content, reason: str, base: int | None, by: Post
) -> CategoryVersion:
    """A changed version of a small category, which takes effect when a second person agrees.

    Args: `changes`: columns of the version (see `category_content.KEYS`) with their new values; the others stay.
    `base`: the number of the version in force that the person looked at; None for a category without one.
    Raises: NotAllowed; WrongState when another proposal waits or the version in force is another by now;
    Incomplete with the faults by column.
    """
    _check_proposer(by)
    with transaction.atomic():
        locked = _lock(category.pk)
        return _propose(locked, changes, reason, base, by)


def propose_new(*, parent: Category, code: str, content: Content, reason: str, by: Post) -> CategoryVersion:
    """A new small category under a large one; nobody can report under it before a second person agrees.

    `content`: every key of `category_content.KEYS` but `in_use`. Raises like `propose`; a bad or used code is an
    error of `code`.
    """
    _check_proposer(by)
    with transaction.atomic():
        locked = Category.objects.select_for_update().get(pk=parent.pk)
        faults = rules.fault_in_code(code, locked.code)
        if locked.is_leaf:
            raise NotAllowed(_("小类只能放在大类下面。"))
        if not faults and Category.objects.filter(code=code).exists():
            faults = [_("代码“%(code)s”已经用过，编号不能再用。") % {"code": code}]
        _check_new(content, reason, {"code": faults} if faults else {})
        names = {key: content[key] for key in ("name", "name_en", "source")}
        category = Category.objects.create(code=code, parent=locked, **names)
        return _propose(category, content, reason, None, by)


def _check_new(content: Content, reason: str, errors: dict[str, list[str]]) -> None:
    """Everything wrong with a new category at once, its code included."""
    try:
        _check_words({**content, "in_use": True}, reason)
    except Incomplete as error:
        errors = errors | error.errors
    if errors:
        raise Incomplete(_("有内容需要补充或改正。"), errors=errors)


def propose_use(
    category: Category, *, in_use: bool, reason: str, base: int | None, by: Post
) -> CategoryVersion:
    """To stop a category (停用) or to take it up again (恢复使用). Raises like `propose`."""
    return propose(category, changes={"in_use": in_use}, reason=reason, base=base, by=by)


def propose_from_file(
    category: Category, content: Content, *, reason: str, now: datetime
) -> CategoryVersion | None:
    """The catalogue's file says something else than the version in force; None when a proposal waits already.

    `category` is locked by the caller, in whose transaction this runs; the file's rows are checked already.
    """
    if category.versions.filter(state=VersionState.PROPOSED).exists():
        return None
    return _store(category, content, reason, None, now)


def _propose(
    category: Category, changes: Content, reason: str, base: int | None, by: Post
) -> CategoryVersion:
    assert changes.keys() <= CONTENT_KEYS
    current = in_force(category)
    if category.versions.filter(state=VersionState.PROPOSED).exists():
        raise WrongState(
            _("这个类别已有一项待同意的改动。请先等综治中心同意或不同意，或由提出人撤回。"),
            state=VersionState.PROPOSED,
        )
    if (current.number if current else None) != base:
        raise WrongState(
            _("您改的不是现在执行的版本：在您填写期间，这个类别已有新版本执行。请看过新版本，再改一次。"),
            state=VersionState.IN_FORCE,
        )
    before = content_of(current) if current else {"in_use": True}
    content = before | changes
    _check_words(content, reason)
    if current and not changed_keys(before, content):
        whole = _("没有改动：和现在执行的版本一样。")
        raise Incomplete(whole, errors={"": [whole]}, code="nothing_changed")
    return _store(category, content, reason.strip(), by, clock.now())


def _check_words(content: Content, reason: str) -> None:
    """The reason with the content, so that everything wrong is told at once."""
    faults = rules.faults_in_text(reason.strip(), rules.REASON_LIMIT, required=True)
    errors = {"reason": faults} if faults else {}
    try:
        check(content)
    except Incomplete as error:
        errors = error.errors | errors
    if errors:
        raise Incomplete(_("有内容需要补充或改正。"), errors=errors)


def _store(
    category: Category, content: Content, reason: str, by: Post | None, now: datetime
) -> CategoryVersion:
    last = category.versions.order_by("-number").values_list("number", flat=True).first() or 0
    version = CategoryVersion.objects.create(
        category=category,
        number=last + 1,
        state=VersionState.PROPOSED,
        based_on=in_force(category),
        proposed_by=by.user if by else None,
        proposed_at=now,
        reason=reason,
        **content,
    )
    _record(AdminAction.CATEGORY_PROPOSED, version, reason, by)
    return version


# --- deciding


def agree(version: CategoryVersion, *, by: Post) -> CategoryVersion:
    """Put a proposed version in force from now on; the one before it becomes past.

    Raises: NotAllowed unless `by` is of the city's centre and another person than the proposer; WrongState when
    somebody was quicker, or when the version in force is no longer the one it was proposed against.
    """
    with transaction.atomic():
        category, row = _open(version)
        _check_second_person(row, by)
        former = in_force(category)
        if (former.pk if former else None) != row.based_on_id:
            raise WrongState(
                _("这项改动依据的版本已不再执行，不能同意。请不同意，由系统管理员重新提出。"),
                state=VersionState.IN_FORCE,
            )
        if former:
            former.state = VersionState.PAST
            former.save(update_fields=["state"])
        _decide(row, VersionState.IN_FORCE, "", by)
        category.current = row if row.in_use else None
        category.name, category.name_en, category.source = row.name, row.name_en, row.source
        category.save(update_fields=["current", "name", "name_en", "source"])
        _record(AdminAction.CATEGORY_AGREED, row, "", by)
        return row


def refuse(version: CategoryVersion, *, reason: str, by: Post) -> CategoryVersion:
    """Leave the catalogue as it is, for a reason that the proposer is shown. Raises like `agree`, and Incomplete."""
    with transaction.atomic():
        _category, row = _open(version)
        _check_second_person(row, by)
        faults = rules.faults_in_text(reason.strip(), rules.REASON_LIMIT, required=True)
        if faults:
            raise Incomplete(_("请写明不同意的理由。"), errors={"reason": faults})
        _decide(row, VersionState.REFUSED, reason.strip(), by)
        _record(AdminAction.CATEGORY_REFUSED, row, reason.strip(), by)
        return row


def withdraw(version: CategoryVersion, *, by: Post) -> CategoryVersion:
    """Take a proposal back: by who made it; one that came from a file, by any system administrator."""
    _check_proposer(by)
    with transaction.atomic():
        _category, row = _open(version)
        if row.proposed_by_id is not None and not proposed_by(row, by):
            raise NotAllowed(_("只有提出人可以撤回。"))
        _decide(row, VersionState.WITHDRAWN, "", by)
        _record(AdminAction.CATEGORY_WITHDRAWN, row, "", by)
        return row


def in_force(category: Category) -> CategoryVersion | None:
    """The version in force, also of a stopped category, whose `current` is empty."""
    return category.versions.filter(state=VersionState.IN_FORCE).first()


def _lock(pk: int) -> Category:
    """The small category's row, locked until the end of the transaction."""
    found = Category.objects.select_for_update().filter(pk=pk, parent__isnull=False).first()
    if found is None:
        raise NotFound(_("没有这个小类。"))
    return found


def _open(version: CategoryVersion) -> tuple[Category, CategoryVersion]:
    """The category, locked, and the version as it stands now; raises WrongState unless it still waits."""
    category = _lock(version.category_id)
    row = CategoryVersion.objects.select_for_update().get(pk=version.pk)
    if row.state != VersionState.PROPOSED:
        label = VersionState(row.state).label
        raise WrongState(
            _("这项改动已经有结果了（%(state)s），没有再办。") % {"state": label}, state=row.state
        )
    return category, row


def _check_held(by: Post) -> None:
    if not Post.objects.held_on(clock.today()).filter(pk=by.pk).exists():
        raise NotAllowed(_("这个岗位今天不在任期内。"))


def _check_proposer(by: Post) -> None:
    if not may_propose(by):
        raise NotAllowed(_("只有系统管理员可以提出目录改动。"))
    _check_held(by)


def _check_second_person(version: CategoryVersion, by: Post) -> None:
    """Persons are compared, not posts: who proposed as administrator may hold a centre's post by now."""
    if not may_decide(by):
        raise NotAllowed(_("目录改动由市（县）综治中心同意，您现在的岗位不能办理。"))
    _check_held(by)
    if proposed_by(version, by):
        raise NotAllowed(_("这项改动是您本人提出的，须由综治中心的另一个人同意。"))


def _decide(version: CategoryVersion, state: VersionState, reason: str, by: Post) -> None:
    version.state, version.decided_by, version.decided_at = state, by, clock.now()
    version.decision_reason = reason
    version.save(update_fields=["state", "decided_by", "decided_at", "decision_reason"])


def _record(action: AdminAction, version: CategoryVersion, reason: str, by: Post | None) -> None:
    """One entry in the record of administration."""
    data: dict[str, Any] = {
        "category": f"{version.category.code} {version.name}",
        "version": version.number,
        "change": version.change,
    }
    if reason:
        data["reason"] = reason
    record.append(Entry(action, post=by, data=data), by=by.user if by else None)
