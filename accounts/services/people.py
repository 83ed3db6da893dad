"""Accounts: made and stopped by system administrators; contact and language by their owner."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import policies, record
from accounts.errors import Invalid, invalid
from accounts.models import AdminAction, Language, User
from accounts.record import Entry
from accounts.roles import ADMIN_ROLES, Role
from accounts.services.access import locked_user, new_link
from grids import clock


def create_user(
    *, username: str, name: str, email: str = "", phone: str = "", language: str = Language.CHINESE, by: User
) -> tuple[User, str]:
    """A new account without a password, and the secret of the one-time link with which its owner sets one.

    Raises: Refused unless `by` is a system administrator; Invalid naming the field.
    """
    policies.require(by, Role.SYSTEM_ADMIN, policies.ONLY_SYSTEM)
    user = prepared_user(username=username, name=name, email=email, phone=phone, language=language)
    with transaction.atomic():
        insert_user(user)
        secret = new_link(user)
        record.append(Entry(AdminAction.USER_CREATED, user=user, data={"username": user.username}), by=by)
    return user, secret


def prepared_user(*, username: str, name: str, email: str, phone: str, language: str) -> User:
    """A checked, unsaved account that nobody can sign in to yet."""
    user = User(
        username=username.strip().lower(),
        name=name.strip(),
        email=email.strip(),
        phone=phone.strip(),
        language=language,
        created_at=clock.now(),
    )
    user.set_unusable_password()
    check_fields(user)
    return user


def check_fields(user: User) -> None:
    try:
        user.clean_fields()
    except ValidationError as error:
        raise Invalid(error.message_dict) from error


def insert_user(user: User) -> None:
    """Saves a new account; a user name that somebody else took at the same moment is refused like any other."""
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        if "username" not in str(error):
            raise
        raise invalid("username", _("用户名已被使用，请换一个。")) from error


def deactivate_user(user: User, *, by: User) -> User:
    """Stops an account at once: its sessions, API tokens and links. Its posts give no rights while it is stopped.

    Raises: Refused unless `by` is a system administrator and somebody else; Invalid for the last administrator.
    """
    policies.require(by, Role.SYSTEM_ADMIN, policies.ONLY_SYSTEM, about=user)
    with transaction.atomic():
        user = locked_user(user)
        if not user.is_active:
            raise invalid("user", _("账号已经停用。"))
        record.lock()
        for post in user.posts.held_on(clock.today()).filter(role__in=ADMIN_ROLES):
            policies.keep_one_administrator(post)
        user.is_active = False
        user.save(update_fields=["is_active"])
        user.api_tokens.all().delete()
        record.append(Entry(AdminAction.USER_DEACTIVATED, user=user), by=by)
    return user


def reactivate_user(user: User, *, by: User) -> User:
    """Opens a stopped account again; posts that have not ended give rights again."""
    policies.require(by, Role.SYSTEM_ADMIN, policies.ONLY_SYSTEM, about=user)
    with transaction.atomic():
        user = locked_user(user)
        if user.is_active:
            raise invalid("user", _("账号没有停用。"))
        user.is_active = True
        user.save(update_fields=["is_active"])
        record.append(Entry(AdminAction.USER_REACTIVATED, user=user), by=by)
    return user


def update_contact(user: User, *, phone: str, email: str) -> User:
    """The user's own telephone and e-mail address."""
    with transaction.atomic():
        user = locked_user(user)
        user.phone, user.email = phone.strip(), email.strip()
        check_contact(user)
        user.save(update_fields=["phone", "email"])
        record.append(
            Entry(AdminAction.USER_CHANGED, user=user, data={"fields": ["phone", "email"]}), by=user
        )
    return user


def check_contact(user: User) -> None:
    try:
        user.clean_fields(exclude={"username", "name", "password", "language", "created_at"})
    except ValidationError as error:
        raise Invalid(error.message_dict) from error


def set_language(user: User, language: str) -> None:
    """The language of the user's screens and messages. Nothing worth recording."""
    if language not in Language.values:
        raise invalid("language", _("没有这种语言。"))
    user.language = language
    user.save(update_fields=["language"])
