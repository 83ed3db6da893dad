"""Posts: given, ended and handed over by security administrators."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policies, record
from accounts.errors import Invalid, invalid
from accounts.models import AdminAction, Post, User
from accounts.record import Entry
from accounts.roles import ROLE_LEVELS, Role, exclude_each_other
from grids import clock
from grids.models import Department, Division

DAY = timedelta(days=1)


def give_post(
    user: User,
    role: Role,
    *,
    by: User,
    starts_on: date,
    ends_on: date | None = None,
    division: Division | None = None,
    department: Department | None = None,
    is_head: bool = False,
    is_leader_on_duty: bool = False,
    acting_for: Post | None = None,
) -> Post:
    """Gives a post from its first to its last day, both included; None means until further notice.

    `acting_for` makes it an acting post (代理): the same role and place, for a set time.
    Raises: Refused unless `by` is a security administrator and somebody else; Invalid naming the field.
    """
    policies.require(by, Role.SECURITY_ADMIN, policies.ONLY_SECURITY, about=user)
    post = Post(
        user=user,
        role=role,
        division=division,
        department=department,
        starts_on=starts_on,
        ends_on=ends_on,
        is_head=is_head,
        is_leader_on_duty=is_leader_on_duty,
        acting_for=acting_for,
        given_by=by,
    )
    with transaction.atomic():
        lock_users(user)
        check_post(post)
        post.save(force_insert=True)
        record.append(Entry(AdminAction.POST_GIVEN, user=user, post=post, data=described(post)), by=by)
    return post


def give_acting_post(post: Post, *, to_user: User, starts_on: date, ends_on: date, by: User) -> Post:
    """Lets somebody act in a post (代理) from its first to its last day; the holder keeps it.

    Raises: Refused and Invalid like `give_post`; the person's field is "to_user".
    """
    with renamed({"role": "to_user", "acting_for": "to_user"}):
        return give_post(
            to_user,
            Role(post.role),
            by=by,
            starts_on=starts_on,
            ends_on=ends_on,
            division=post.division,
            department=post.department,
            is_head=post.is_head,
            is_leader_on_duty=post.is_leader_on_duty,
            acting_for=post,
        )


def end_post(post: Post, *, on: date, by: User) -> Post:
    """Ends a post; `on` is its last day. Yesterday takes the rights away at once.

    A post that has not begun is withdrawn: it ends before its first day.
    Raises: Refused unless `by` is a security administrator and not the holder; Invalid naming the field.
    """
    policies.require(by, Role.SECURITY_ADMIN, policies.ONLY_SECURITY, about=post.user)
    with transaction.atomic():
        post = locked_post(post)
        check_end(post, on)
        record.lock()
        policies.keep_one_administrator(post, until=on)
        post.ends_on = max(on, post.starts_on - DAY)
        post.save(update_fields=["ends_on"])
        data = {"ends_on": post.ends_on.isoformat()}
        record.append(Entry(AdminAction.POST_ENDED, user=post.user, post=post, data=data), by=by)
    return post


def hand_over_post(post: Post, *, to_user: User, on: date, by: User) -> Post:
    """Ends a post and gives it to somebody else from the day `on`, with its marks and its end. Returns the new post.

    Raises: Refused unless `by` is a security administrator and neither of the two; Invalid naming the field.
    """
    policies.require(by, Role.SECURITY_ADMIN, policies.ONLY_SECURITY, about=post.user)
    policies.require(by, Role.SECURITY_ADMIN, policies.ONLY_SECURITY, about=to_user)
    with transaction.atomic():
        lock_users(post.user, to_user)
        post = Post.objects.select_for_update(of=("self",)).with_places().get(pk=post.pk)
        check_hand_over(post, to_user, on)
        successor = successor_of(post, to_user, on, by)
        post.ends_on = on - DAY
        post.save(update_fields=["ends_on"])
        with renamed({"role": "to_user", "acting_for": "to_user"}):
            check_post(successor)
        successor.save(force_insert=True)
        data = {**described(successor), "from_post": post.pk}
        record.append(Entry(AdminAction.POST_HANDED_OVER, user=to_user, post=successor, data=data), by=by)
    return successor


@contextmanager
def renamed(fields: Mapping[str, str]) -> Iterator[None]:
    """Errors of fields that the caller's form calls otherwise."""
    try:
        yield
    except Invalid as error:
        raise Invalid({fields.get(field, field): why for field, why in error.errors.items()}) from error


def successor_of(post: Post, to_user: User, on: date, by: User) -> Post:
    return Post(
        user=to_user,
        role=post.role,
        division=post.division,
        department=post.department,
        starts_on=on,
        ends_on=post.ends_on,
        is_head=post.is_head,
        is_leader_on_duty=post.is_leader_on_duty,
        acting_for=post.acting_for,
        given_by=by,
    )


def lock_users(*users: User) -> None:
    """Locks the accounts in the order of their keys, so that two hand-overs cannot wait for each other."""
    ids = {user.pk for user in users}
    list(User.objects.select_for_update().filter(pk__in=ids).order_by("pk"))


def locked_post(post: Post) -> Post:
    lock_users(post.user)
    return Post.objects.select_for_update(of=("self",)).with_places().get(pk=post.pk)


def described(post: Post) -> dict[str, Any]:
    """What the record keeps of a post, readable without the tables."""
    return {
        "role": str(post.role),
        "division": post.division.code if post.division else None,
        "department": post.department_id,
        "starts_on": post.starts_on.isoformat(),
        "ends_on": post.ends_on.isoformat() if post.ends_on else None,
        "is_head": post.is_head,
        "is_leader_on_duty": post.is_leader_on_duty,
        "acting_for": post.acting_for_id,
    }


def check_post(post: Post) -> None:
    """All rules for a new post, under the lock on the user's row."""
    user = User.objects.get(pk=post.user_id)
    if not user.is_active:
        raise invalid("user", _("账号已停用，不能任命岗位。"))
    errors = {**place_errors(post), **date_errors(post), **acting_errors(post)}
    if errors:
        raise Invalid({field: [reason] for field, reason in errors.items()})
    check_beside(post, overlapping(post))


def place_errors(post: Post) -> dict[str, str]:
    role = Role(post.role)
    if role == Role.DEPARTMENT_OFFICER:
        return department_errors(post)
    if post.department is not None:
        return {"department": _("只有部门人员的岗位属于部门。")}
    levels = ROLE_LEVELS.get(role)
    if levels is None:
        return {"division": _("管理员岗位不属于任何区划。")} if post.division else {}
    if post.division is None:
        return {"division": _("请选择区划。")}
    if post.division.level not in levels:
        return {"division": _("“%(role)s”不能设在这一级区划。") % {"role": role.label}}
    if not valid_on(post.division, post.starts_on):
        return {"division": _("该区划在任职之日不存在。")}
    return {}


def department_errors(post: Post) -> dict[str, str]:
    if post.division is not None:
        return {"division": _("部门人员的岗位属于部门，不另选区划。")}
    if post.department is None:
        return {"department": _("请选择部门。")}
    if not valid_on(post.department, post.starts_on):
        return {"department": _("该部门在任职之日不存在。")}
    return {}


def valid_on(place: Division | Department, day: date) -> bool:
    """True when the place exists on the day; its last day counts."""
    begun = place.valid_from is None or place.valid_from <= day
    return begun and (place.valid_to is None or day <= place.valid_to)


def date_errors(post: Post) -> dict[str, str]:
    if post.ends_on is not None and post.ends_on < post.starts_on:
        return {"ends_on": _("结束日期不能早于开始日期。")}
    if post.acting_for_id is not None and post.ends_on is None:
        return {"ends_on": _("代理岗位必须有结束日期。")}
    return {}


def acting_errors(post: Post) -> dict[str, str]:
    original = post.acting_for
    if original is None:
        return {}
    if original.user_id == post.user_id:
        return {"acting_for": _("不能代理本人的岗位。")}
    if original.acting:
        return {"acting_for": _("代理岗位不能再由他人代理。")}
    if (original.role, original.seat) != (post.role, post.seat):
        return {"acting_for": _("代理岗位须与被代理的岗位角色相同、单位相同。")}
    return {}


def overlapping(post: Post) -> list[Post]:
    """The user's other posts that share a day with this one."""
    others = post.user.posts.exclude(pk=post.pk).ending_after(post.starts_on)
    if post.ends_on is not None:
        others = others.filter(starts_on__lte=post.ends_on)
    return list(others.with_places())


def check_beside(post: Post, others: Iterable[Post]) -> None:
    """Refuses the same post twice, and what the three administrators exclude."""
    role = Role(post.role)
    for other in others:
        if (other.role, other.seat) == (post.role, post.seat):
            raise invalid("role", _("此人在这段时间已有这一岗位。"))
        if exclude_each_other(role, Role(other.role)):
            reason = _("三员分立：管理员岗位不能与“%(other)s”同时任职。")
            raise invalid("role", reason % {"other": other.label})


def check_end(post: Post, on: date) -> None:
    yesterday = clock.today() - DAY
    if post.ends_on is not None and post.ends_on <= yesterday:
        raise invalid("post", _("岗位已经结束。"))
    if on < yesterday:
        raise invalid("on", _("最后一天不能早于昨天：已经行使过的岗位不能倒填。"))
    if post.ends_on is not None and on > post.ends_on:
        raise invalid("on", _("最后一天不能晚于原定的结束日期；需要延长时请另行任命。"))


def check_hand_over(post: Post, to_user: User, on: date) -> None:
    if to_user.pk == post.user_id:
        raise invalid("to_user", _("不能移交给本人。"))
    if on < clock.today():
        raise invalid("on", _("移交日期不能早于今天。"))
    if on <= post.starts_on:
        raise invalid("on", _("移交日期须在任职开始之后。"))
    if post.ends_on is not None and on > post.ends_on:
        raise invalid("on", _("岗位在移交日期前已经结束。"))
