"""Passwords, one-time links and API tokens. Secrets are handed out once; only their digests are stored."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policies, record
from accounts.errors import Invalid, invalid
from accounts.models import AdminAction, ApiToken, OneTimeLink, User
from accounts.record import Entry
from accounts.roles import Role
from grids import clock


def secret_digest(secret: str) -> str:
    """The form in which a secret of 256 random bits is stored. It needs no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def locked_user(user: User) -> User:
    """The user's row, locked: the first lock of every change to an account or to its posts."""
    return User.objects.select_for_update().get(pk=user.pk)


def issue_one_time_link(user: User, *, by: User) -> str:
    """A new secret with which the user sets a password once. Earlier links of the user stop working.

    Raises: Refused unless `by` is a system administrator and somebody else; Invalid for a deactivated account.
    """
    policies.require(by, Role.SYSTEM_ADMIN, policies.ONLY_SYSTEM, about=user)
    with transaction.atomic():
        user = locked_user(user)
        if not user.is_active:
            raise invalid("user", _("账号已停用，请先恢复账号。"))
        secret = new_link(user)
        record.append(Entry(AdminAction.LINK_ISSUED, user=user), by=by)
    return secret


def new_link(user: User) -> str:
    """The row behind a link. The caller holds the lock on the user's row and writes the record."""
    now = clock.now()
    user.one_time_links.filter(used_at__isnull=True, expires_at__gt=now).update(expires_at=now)
    secret = secrets.token_urlsafe(32)
    expires_at = now + timedelta(hours=settings.ONE_TIME_LINK_HOURS)
    OneTimeLink.objects.create(user=user, digest=secret_digest(secret), created_at=now, expires_at=expires_at)
    return secret


def open_link(secret: str) -> OneTimeLink | None:
    """The link of this secret if it still works. Looking does not use it up."""
    return (
        OneTimeLink.objects.select_related("user")
        .filter(
            digest=secret_digest(secret),
            used_at__isnull=True,
            expires_at__gt=clock.now(),
            user__is_active=True,
        )
        .first()
    )


def set_first_password(secret: str, *, password: str) -> User:
    """Uses a one-time link up. Of two presses at once one wins; the other is told that the link is used.

    Raises: Invalid on "link" when it is used, expired or unknown, on "password" when that is too weak.
    """
    with transaction.atomic():
        link = open_link(secret)
        user = locked_user(link.user) if link else None
        # Looked at again under the lock: a second press waited there for the first.
        if user is None or open_link(secret) is None:
            raise invalid("link", _("链接已使用或已过期，请向系统管理员索取新的链接。"))
        _store_password(user, password)
        user.one_time_links.filter(digest=secret_digest(secret)).update(used_at=clock.now())
        record.append(Entry(AdminAction.PASSWORD_FIRST_SET, user=user), by=user)
    return user


def change_password(user: User, *, old: str, new: str) -> User:
    """The user's own change. API tokens given for the old password stop working.

    Raises: Invalid on "old" or "password".
    """
    with transaction.atomic():
        user = locked_user(user)
        if not user.check_password(old):
            raise invalid("old", _("原密码不正确。"))
        if old == new:
            raise invalid("password", _("新密码不能与原密码相同。"))
        _store_password(user, new)
        record.append(Entry(AdminAction.PASSWORD_CHANGED, user=user), by=user)
    return user


def _store_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid({"password": error.messages}) from error
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    user.api_tokens.all().delete()


def issue_api_token(user: User) -> str:
    """A key to the API for a user who has just shown the password."""
    now = clock.now()
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        user.api_tokens.filter(expires_at__lte=now).delete()
        expires_at = now + timedelta(days=settings.API_TOKEN_DAYS)
        ApiToken.objects.create(
            user=user, digest=secret_digest(secret), created_at=now, expires_at=expires_at
        )
        record.append(Entry(AdminAction.TOKEN_ISSUED, user=user), by=user)
    return secret


def revoke_api_token(token: ApiToken) -> None:
    """Ends a key at once."""
    token.delete()
