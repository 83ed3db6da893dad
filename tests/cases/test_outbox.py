"""The outbox: what goes out says little, is asked again before it goes, comes round again, and is never lost."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection

from accounts.models import Post, User
from cases import outbox
from cases.models import Delivery
from grids import clock as real_clock
from tests.cases.conftest import NewCase
from tests.cases.processes import start_process
from tests.cast import Cast
from tests.conftest import Clock


class Receiver:
    """A server of somebody else's: remembers what it was sent, answers what it is told to."""

    def __init__(self) -> None:
        self.status = 204
        self.location = ""
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.arrived = threading.Event()
        self.hold: threading.Event | None = None
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((self.path, dict(self.headers), body))
                receiver.arrived.set()
                if receiver.hold is not None:
                    receiver.hold.wait(20)
                self.send_response(receiver.status)
                if receiver.location:
                    self.send_header("Location", receiver.location)
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook?from=gezhi"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    found = Receiver()
    settings.GEZHI_WEBHOOK_URL = found.url
    settings.GEZHI_WEBHOOK_SECRET = "only-for-tests"
    yield found
    if found.hold is not None:
        found.hold.set()
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def mailed(cast: Cast) -> User:
    """The township's clerk has an address."""
    User.objects.filter(pk=cast.township.user_id).update(email="clerk@example.org")
    return cast.township.user


@pytest.fixture
def broken_mail(settings: Any) -> Callable[[type[BaseException]], None]:
    """A mail server that fails in the way asked for."""

    def breaking(error: type[BaseException]) -> None:
        FailingBackend.error = error
        settings.EMAIL_BACKEND = f"{__name__}.FailingBackend"

    return breaking


class FailingBackend:
    """Stands for a mail server that is away, or for a worker that dies while it talks to one."""

    error: type[BaseException] = OSError

    def __init__(self, **options: Any) -> None:
        self.options = options

    def send_messages(self, messages: Any) -> int:
        raise self.error("no route to host")


def only(channel: str) -> Delivery:
    return Delivery.objects.get(channel=channel)


def test_an_email_holds_number_verb_and_link_and_nothing_of_the_matter(
    clock: Clock, new_case: NewCase, mailed: User
) -> None:
    case = new_case(description="张三家门口", reporter_name="张三", reporter_phone="00012345678")
    assert outbox.send_waiting() == 1
    (message,) = mail.outbox
    assert message.to == ["clerk@example.org"]
    assert message.subject == f"{case.number} 上报"
    assert f"http://localhost:8000/incidents/{case.number}/" in message.body
    whole = message.message().as_string() + message.subject + str(message.body)
    for word in (case.title, "张三", "00012345678", "垃圾", "门口"):
        assert word not in whole
    assert only("email").sent_at == clock.at
    assert outbox.send_waiting() == 0
    assert len(mail.outbox) == 1


def test_an_email_is_in_the_language_of_its_reader(clock: Clock, new_case: NewCase, mailed: User) -> None:
    User.objects.filter(pk=mailed.pk).update(language="en")
    new_case()
    outbox.send_waiting()
    body = str(mail.outbox[0].body)
    assert "Please sign in" in body
    assert "请登录" not in body


def test_who_lost_sight_of_the_case_meanwhile_gets_nothing(
    clock: Clock, new_case: NewCase, mailed: User
) -> None:
    new_case()
    Post.objects.filter(user=mailed).update(ends_on=real_clock.today() - timedelta(days=1))
    assert outbox.send_waiting() == 0
    row = only("email")
    assert (mail.outbox, row.sent_at, row.error) == ([], None, outbox.DROPPED)
    assert row.given_up_at is not None
    assert outbox.overview() == outbox.Overview(0, None, 0)  # not a trouble to look into


def test_who_took_the_address_away_gets_nothing(clock: Clock, new_case: NewCase, mailed: User) -> None:
    new_case()
    User.objects.filter(pk=mailed.pk).update(email="")
    assert outbox.send_waiting() == 0
    assert mail.outbox == []


def test_the_webhook_is_signed_and_says_which_entry(
    clock: Clock, new_case: NewCase, receiver: Receiver
) -> None:
    case = new_case(description="张三家门口")
    assert outbox.send_waiting() == 1
    ((path, headers, body),) = receiver.got
    assert path == "/hook?from=gezhi"
    stamp = headers["X-Gezhi-Timestamp"]
    wanted = hmac.new(b"only-for-tests", stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["X-Gezhi-Signature"] == f"sha256={wanted}"
    assert json.loads(body) == {
        "delivery": only("webhook").pk,
        "try": 1,
        "event": "incident.reported",
        "number": case.number,
        "seq": 1,
        "state": "reported",
        "at": clock.at.astimezone(UTC).isoformat(),
        "url": f"http://localhost:8000/incidents/{case.number}/",
    }
    assert headers["X-Gezhi-Delivery"] == str(only("webhook").pk)


def test_a_redirect_is_not_followed_and_counts_as_not_taken(
    clock: Clock, new_case: NewCase, receiver: Receiver
) -> None:
    receiver.status, receiver.location = 307, receiver.url + "&again"
    new_case()
    assert outbox.send_waiting() == 0
    assert len(receiver.got) == 1
    assert only("webhook").error == "HTTP 307"


def test_what_fails_is_tried_again_later_and_later_then_given_up_in_sight(
    clock: Clock, new_case: NewCase, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    receiver.status = 500
    case = new_case()
    for number, wait in enumerate(outbox.BACKOFF, start=1):
        assert outbox.send_waiting() == 0
        assert (only("webhook").attempts, only("webhook").error) == (number, "HTTP 500")
        clock.forward(seconds=wait.total_seconds() - 1)
        outbox.send_waiting()
        assert len(receiver.got) == number
        clock.forward(seconds=1)
    assert outbox.send_waiting() == 0
    assert [json.loads(body)["try"] for _path, _headers, body in receiver.got] == [1, 2, 3, 4, 5, 6]
    row = only("webhook")
    assert (row.given_up_at, row.next_at, row.sent_at) == (clock.at, None, None)
    clock.forward(days=30)
    outbox.send_waiting()
    assert len(receiver.got) == outbox.TRIES
    call_command("outbox")
    shown = capsys.readouterr().out
    assert "0 waiting; 1 given up" in shown
    assert f"{case.number}#1" in shown
    receiver.status = 200
    call_command("outbox", "--retry")
    assert outbox.send_waiting() == 1


def test_a_mail_server_that_is_away_does_not_stop_the_others(
    clock: Clock, new_case: NewCase, mailed: User, receiver: Receiver, broken_mail: Any
) -> None:
    broken_mail(ConnectionRefusedError)
    new_case()
    assert outbox.send_waiting() == 1
    assert len(receiver.got) == 1
    assert "no route to host" in only("email").error
    assert only("email").next_at == clock.at + timedelta(minutes=1)


def test_a_receiver_that_is_gone_is_an_error_not_a_crash(
    clock: Clock, new_case: NewCase, settings: Any
) -> None:
    settings.GEZHI_WEBHOOK_URL = "http://127.0.0.1:9/hook"
    new_case()
    assert outbox.send_waiting() == 0
    assert "Refused" in only("webhook").error


def test_a_webhook_taken_out_of_the_settings_is_not_tried(
    clock: Clock, new_case: NewCase, receiver: Receiver, settings: Any
) -> None:
    new_case()
    settings.GEZHI_WEBHOOK_URL = ""
    assert outbox.send_waiting() == 0
    assert only("webhook").given_up_at is not None
    assert receiver.got == []


def test_a_worker_that_dies_between_claim_and_send_leads_to_a_repeat_not_a_loss(
    clock: Clock, new_case: NewCase, mailed: User, broken_mail: Any, settings: Any
) -> None:
    broken_mail(KeyboardInterrupt)
    new_case()
    with pytest.raises(KeyboardInterrupt):
        outbox.send_waiting()
    row = only("email")
    assert (row.attempts, row.sent_at, row.error) == (1, None, "")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert outbox.send_waiting() == 0  # the lease of the dead worker still runs
    clock.forward(minutes=1)
    assert outbox.send_waiting() == 1
    (message,) = mail.outbox
    assert message.extra_headers["X-Gezhi-Try"] == "2"
    assert message.extra_headers["Message-ID"] == f"<gezhi-{row.pk}@localhost>"


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_a_thing_once(new_case: NewCase, receiver: Receiver) -> None:
    new_case()
    barrier = threading.Barrier(2)
    sent: list[int] = []

    def work() -> None:
        barrier.wait(10)
        sent.append(outbox.send_waiting())
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert sorted(sent) == [0, 1]
    assert len(receiver.got) == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_killed_process_leads_to_a_repeat(
    new_case: NewCase, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_case()
    receiver.hold = threading.Event()
    child = start_process("from cases import outbox; outbox.send_waiting()", GEZHI_WEBHOOK_URL=receiver.url)
    try:
        assert receiver.arrived.wait(60)
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait(10)
    receiver.hold.set()
    assert outbox.send_waiting() == 0
    later = real_clock.now() + timedelta(minutes=1, seconds=1)
    monkeypatch.setattr("grids.clock._database_time", lambda: later)
    assert outbox.send_waiting() == 1
    assert [json.loads(body)["try"] for _path, _headers, body in receiver.got] == [1, 2]
