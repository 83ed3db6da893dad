"""The outbox: e-mail and the webhook, sent outside any transaction, tried again, and never silently lost.

A row is claimed by one conditional UPDATE that pushes `next_at` to the next try; whoever gets no row was too
late. A worker killed after the claim leaves a row that comes round again: a repeat is possible, and marked as
one (same message id, number of the try), silence is not. What is sent holds a number, a verb and a link: no
title, no description, no person.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import logging
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import F, Min, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from cases import verbs
from cases.loaders import sees_inner
from cases.models import Case, Delivery
from grids import clock

log = logging.getLogger(__name__)

# How long after each try the next one comes; after the last of these tries the row is given up, and shown.
BACKOFF: Final = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)
TRIES: Final = len(BACKOFF) + 1
TIMEOUT: Final = 5  # seconds, for each step of talking to the other side
WAITING: Final = Q(sent_at__isnull=True, given_up_at__isnull=True)
DROPPED: Final = "no longer visible to the recipient"


class NotSent(Exception):
    """The other side did not take it; said in few words, kept with the row."""


@dataclass(frozen=True, slots=True)
class Overview:
    """How the outbox stands: for the page and the command that make trouble visible."""

    waiting: int
    oldest_due: datetime | None
    given_up: int


def send_waiting(limit: int = 50) -> int:
    """Send what is due, the oldest first; returns how many went out. Never call it inside a transaction."""
    sent = 0
    due = Delivery.objects.filter(WAITING, next_at__lte=clock.now()).order_by("next_at", "pk")
    for pk in list(due.values_list("pk", flat=True)[:limit]):
        delivery = _claim(pk)
        if delivery is not None and _may_send(delivery):
            sent += _try(delivery)
    return sent


def _claim(pk: int) -> Delivery | None:
    """Take one row for one try; None when another worker has it. The claim is committed before sending."""
    now = clock.now()
    attempts = Delivery.objects.values_list("attempts", flat=True).get(pk=pk)
    lease = now + BACKOFF[min(attempts, len(BACKOFF) - 1)]
    with transaction.atomic(durable=True):
        mine = Delivery.objects.filter(WAITING, pk=pk, attempts=attempts, next_at__lte=now)
        if not mine.update(attempts=F("attempts") + 1, next_at=lease):
            return None
    return Delivery.objects.select_related("event__case", "recipient").get(pk=pk)


def _may_send(delivery: Delivery) -> bool:
    """The world again, before an old promise is kept: does the person still see this entry?"""
    person, event = delivery.recipient, delivery.event
    if person is None:
        return _configured(delivery)
    visible = Case.objects.visible_to(person).filter(pk=event.case_id).exists()
    if visible and person.email and (not event.inner or sees_inner(person, event.case)):
        return True
    _give_up(delivery, DROPPED)
    return False


def _configured(delivery: Delivery) -> bool:
    if settings.GEZHI_WEBHOOK_URL:
        return True
    _give_up(delivery, "no webhook is set up any more")
    return False


def _give_up(delivery: Delivery, why: str) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(given_up_at=clock.now(), next_at=None, error=why[:200])


def _try(delivery: Delivery) -> bool:
    """One try of a claimed row; the outcome is written down whatever it is."""
    channel: Callable[[Delivery], None] = _email if delivery.channel == "email" else _webhook
    try:
        channel(delivery)
    except NotSent as error:
        log.warning("delivery %s, try %s of %s: %s", delivery.pk, delivery.attempts, TRIES, error)
        if delivery.attempts >= TRIES:
            _give_up(delivery, str(error))
        else:
            Delivery.objects.filter(pk=delivery.pk).update(error=str(error)[:200])
        return False
    Delivery.objects.filter(pk=delivery.pk).update(sent_at=clock.now(), next_at=None, error="")
    return True


def link_to(case: Case) -> str:
    """The address of a case's page from outside."""
    return f"{settings.GEZHI_BASE_URL.rstrip('/')}{case.get_absolute_url()}"


def _email(delivery: Delivery) -> None:
    """Number and verb in the person's language, and a link. Raises NotSent."""
    assert delivery.recipient is not None  # decided in _may_send
    case, person = delivery.event.case, delivery.recipient
    with translation.override(person.language):
        verb = verbs.get(delivery.event.verb).text
        lines = (
            _("%(number)s 有新进展：%(verb)s。") % {"number": case.number, "verb": verb},
            _("请登录后查看：%(link)s") % {"link": link_to(case)},
            _("本邮件由系统发出，请不要回复。"),
        )
        subject = f"{case.number} {verb}"
    host = urlsplit(settings.GEZHI_BASE_URL).hostname or "localhost"
    headers = {
        "Message-ID": f"<gezhi-{delivery.pk}@{host}>",
        "Auto-Submitted": "auto-generated",
        "X-Gezhi-Try": str(delivery.attempts),
    }
    try:
        connection = get_connection(timeout=TIMEOUT)
        mail = EmailMessage(subject, "\n\n".join(lines), to=[person.email], headers=headers)
        mail.connection = connection
        mail.send()
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise NotSent(f"{type(error).__name__}: {error}") from error


def payload(delivery: Delivery) -> dict[str, str | int]:
    """What the webhook is told: which entry of which case, and where to read it."""
    event = delivery.event
    return {
        "delivery": delivery.pk,
        "try": delivery.attempts,
        "event": event.verb,
        "number": event.case.number,
        "seq": event.seq,
        "state": event.to_state or event.case.state,
        "at": event.at.isoformat(),
        "url": link_to(event.case),
    }


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over "timestamp.body" in hex: the receiver computes the same and compares."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _webhook(delivery: Delivery) -> None:
    """POST to the configured address. Only 2xx counts as taken; no redirect is followed. Raises NotSent."""
    body = json.dumps(payload(delivery), ensure_ascii=False, sort_keys=True).encode()
    timestamp = str(int(clock.now().timestamp()))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Gezhi",
        "X-Gezhi-Delivery": str(delivery.pk),
        "X-Gezhi-Timestamp": timestamp,
        "X-Gezhi-Signature": f"sha256={signature(settings.GEZHI_WEBHOOK_SECRET, timestamp, body)}",
    }
    try:
        status = _post(settings.GEZHI_WEBHOOK_URL, body, headers)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotSent(f"{type(error).__name__}: {error}") from error
    if not 200 <= status < 300:
        raise NotSent(f"HTTP {status}")


def _post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """The status of the answer. http.client follows no redirect and reads no proxy settings."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("GEZHI_WEBHOOK_URL is not an http(s) address")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=TIMEOUT)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def given_up() -> QuerySet[Delivery]:
    """Rows that will not be tried again, the newest first; not those whose recipient may no longer see."""
    rows = Delivery.objects.filter(given_up_at__isnull=False).exclude(error=DROPPED)
    return rows.select_related("event__case", "recipient").order_by("-given_up_at")


def overview() -> Overview:
    """Counts for the page of the system administrator; `oldest_due` long past means that nobody sends."""
    waiting = Delivery.objects.filter(WAITING)
    due = waiting.filter(next_at__lte=clock.now()).aggregate(oldest=Min("next_at"))
    return Overview(waiting.count(), due["oldest"], given_up().count())


def retry_given_up() -> int:
    """Put everything given up back into the queue, with all its tries; returns how many rows."""
    rows = Delivery.objects.filter(pk__in=given_up().values("pk"))
    return rows.update(given_up_at=None, attempts=0, next_at=clock.now(), error="")
