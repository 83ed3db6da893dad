"""One press, one effect: the key of a press and its first answer stand in the effect's own transaction.

A repeat with the same key and body gets the first answer again, after a fresh look at whether the person may
still see the case. Another body under a used key is refused. Two equal presses at once meet at the unique
index: the second waits there until the first is committed (and repeats its answer) or gone (and does it).
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Final, NamedTuple

from django.core.files.uploadedfile import UploadedFile
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from cases.errors import Incomplete, NotFound
from cases.models import Case, IdempotencyKey
from grids import clock

HEADER: Final = "Idempotency-Key"
FIELD: Final = "idempotency_key"
KEPT: Final = timedelta(days=30)
FORMS: Final = ("multipart/form-data", "application/x-www-form-urlencoded")
_KEY: Final = re.compile(r"[\x21-\x7e]{1,80}")
# What changes between two sendings of one form although the person typed nothing new.
_NOT_CONTENT: Final = frozenset({FIELD, "csrfmiddlewaretoken"})


class Done(NamedTuple):
    """What a POST came to. `case` is the one that the answer speaks of: who may not see it gets no repeat."""

    status: int
    answer: Any
    case: Case | None


def new_key() -> str:
    """A key for a form that is about to be shown (hidden field `idempotency_key`)."""
    return uuid.uuid4().hex


def once(
    user: User, key: str, method: str, path: str, body_digest: str, do: Callable[[], Done]
) -> tuple[int, Any]:
    """Do something once per person and key; returns its status and answer, or the first ones again.

    Only answers below 400 are kept; an error leaves the key free, so that the mended form may use it.
    Raises Incomplete (`idempotency_key_invalid`, `idempotency_key_reused`), NotFound when the answer's
    case is no longer the person's to see, and whatever `do` raises.
    """
    _check_key(key)
    digest = hashlib.sha256(f"{method}\0{path}\0{body_digest}".encode()).hexdigest()
    with transaction.atomic():
        row = _claim(user, key, digest)
        if row is None:
            return _again(user, key, digest)
        done = do()
        if done.status >= 400:
            row.delete()
            return done.status, _plain(done.answer)
        row.status, row.answer, row.case = done.status, _plain(done.answer), done.case
        row.save(update_fields=["status", "answer", "case"])
        return done.status, row.answer


def _check_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        message = _("幂等键要用 1 到 80 个可见的英文字符。")
        raise Incomplete(message, errors={HEADER: [message]}, code="idempotency_key_invalid")


def _claim(user: User, key: str, digest: str) -> IdempotencyKey | None:
    """Take the key, waiting for an equal press under way; None when it was used before."""
    now = clock.now()
    IdempotencyKey.objects.filter(user=user, key=key, created_at__lt=now - KEPT).delete()
    row = IdempotencyKey(user=user, key=key, request_digest=digest, created_at=now)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return None
    return row


def _again(user: User, key: str, digest: str) -> tuple[int, Any]:
    row = IdempotencyKey.objects.get(user=user, key=key)
    if row.request_digest != digest:
        message = _("这次提交已经办过了，内容和上次不一样，没有再办。请刷新页面，看看现在的情况。")
        raise Incomplete(message, errors={HEADER: [message]}, code="idempotency_key_reused")
    if row.case_id is not None and not Case.objects.visible_to(user).filter(pk=row.case_id).exists():
        raise NotFound(_("没有找到这个事项，或者它不在您的岗位范围内。"))
    assert row.status is not None  # written in the transaction that inserted the row
    return row.status, row.answer


def _plain(answer: Any) -> Any:
    """The answer as it will be repeated: plain JSON values."""
    return json.loads(json.dumps(answer, cls=DjangoJSONEncoder, ensure_ascii=False))


def body_digest(request: HttpRequest) -> str:
    """SHA-256 of what was sent: of the bytes, or of a form's fields and its files' contents."""
    if request.content_type not in FORMS:
        return hashlib.sha256(request.body).hexdigest()
    fields = {name: values for name, values in request.POST.lists() if name not in _NOT_CONTENT}
    files = {name: [_file_digest(upload) for upload in uploads] for name, uploads in request.FILES.lists()}
    return hashlib.sha256(json.dumps([fields, files], sort_keys=True).encode()).hexdigest()


def _file_digest(upload: UploadedFile[Any]) -> list[str]:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return [upload.name or "", digest.hexdigest()]


def idempotent(method: Callable[..., Done]) -> Callable[..., Response]:
    """For a POST method of an API view, which returns `Done`; reads the header Idempotency-Key.

    Without a key the method runs in a transaction of its own all the same.
    """

    @wraps(method)
    def wrapped(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            with transaction.atomic():
                done = method(view, request, *args, **kwargs)
            return Response(done.answer, status=done.status)
        if not isinstance(request.user, User):
            raise NotAuthenticated
        raw = request._request
        if raw.content_type in FORMS:
            request.data  # noqa: B018 - parsed by the view's own parsers first, which may refuse it (415)
        status, answer = once(
            request.user,
            key,
            str(request.method),
            raw.get_full_path(),
            body_digest(raw),
            lambda: method(view, request, *args, **kwargs),
        )
        return Response(answer, status=status)

    return wrapped


def page_once(request: HttpRequest, user: User, do: Callable[[], tuple[str, Case | None]]) -> str:
    """Do what a page's form asks once per its hidden field; returns the address to go to next.

    A second press, or the browser's way back and a second sending, leads to the same place. Raises what
    `once` raises. A form without the field is done in a transaction, each time it is sent.
    """
    key = request.POST.get(FIELD, "")
    if not key:
        with transaction.atomic():
            return do()[0]

    def done() -> Done:
        address, case = do()
        return Done(303, {"location": address}, case)

    _status, answer = once(user, key, "POST", request.get_full_path(), body_digest(request), done)
    return str(answer["location"])


def sweep(now: datetime) -> int:
    """Forget keys older than 30 days; returns how many."""
    deleted, _by_model = IdempotencyKey.objects.filter(created_at__lt=now - KEPT).delete()
    return deleted
