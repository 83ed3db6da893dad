"""One press, one effect: repeats get the first answer, other bodies are refused, equal presses at once do it once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpRequest
from django.test import RequestFactory
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from accounts.models import Post, User
from cases import idempotency
from cases.errors import Incomplete, NotFound, WrongState
from cases.idempotency import Done, body_digest, idempotent, once, page_once
from cases.models import Case, IdempotencyKey
from grids import clock as real_clock
from incidents.models import Incident
from tests.cases import samples
from tests.cases.conftest import NewCase
from tests.cast import Cast
from tests.conftest import Clock


class Press:
    """Something to be done, counted."""

    def __init__(self, make: Callable[[], Case], status: int = 201) -> None:
        self.make, self.status, self.times = make, status, 0

    def __call__(self) -> Done:
        self.times += 1
        case = self.make()
        return Done(self.status, {"number": case.number, "at": case.opened_at}, case)


@pytest.fixture
def press(new_case: NewCase) -> Press:
    return Press(new_case)


def send(user: User, do: Callable[[], Done], key: str = "k1", body: str = "b", path: str = "/p") -> Any:
    return once(user, key, "POST", path, body, do)


def test_the_same_key_and_body_gives_the_first_answer_again(cast: Cast, press: Press) -> None:
    first, again = send(cast.worker.user, press), send(cast.worker.user, press)
    assert first == again
    assert first[0] == 201
    assert (press.times, Case.objects.count()) == (1, 1)


@pytest.mark.parametrize("changed", [{"body": "other"}, {"path": "/other"}])
def test_another_body_or_address_under_a_used_key_is_refused(
    cast: Cast, press: Press, changed: dict[str, str]
) -> None:
    send(cast.worker.user, press)
    with pytest.raises(Incomplete) as caught:
        send(cast.worker.user, press, **changed)
    assert (caught.value.code, caught.value.status, press.times) == ("idempotency_key_reused", 422, 1)


def test_keys_belong_to_a_person(cast: Cast, press: Press) -> None:
    send(cast.worker.user, press)
    send(cast.township.user, press)
    assert press.times == 2


def test_the_first_answer_is_not_repeated_to_who_may_no_longer_see_the_case(cast: Cast, press: Press) -> None:
    send(cast.worker.user, press)
    Post.objects.filter(pk=cast.worker.pk).update(ends_on=real_clock.today() - timedelta(days=1))
    with pytest.raises(NotFound):
        send(cast.worker.user, press)


def test_an_effect_that_fails_leaves_the_key_free(cast: Cast, new_case: NewCase) -> None:
    def fails() -> Done:
        new_case()
        raise WrongState("moved on", state="filed")

    with pytest.raises(WrongState):
        send(cast.worker.user, fails)
    assert (Case.objects.count(), IdempotencyKey.objects.count()) == (0, 0)
    assert send(cast.worker.user, Press(new_case), body="mended")[0] == 201


def test_an_answer_of_400_and_more_is_not_kept(cast: Cast, new_case: NewCase) -> None:
    press = Press(new_case, status=422)
    assert send(cast.worker.user, press)[0] == 422
    assert send(cast.worker.user, press)[0] == 422
    assert (press.times, IdempotencyKey.objects.count()) == (2, 0)


@pytest.mark.parametrize("key", ["", " ", "a b", "键", "x" * 81, "a\n", "\x7f"])
def test_a_key_that_is_none_is_refused(cast: Cast, press: Press, key: str) -> None:
    with pytest.raises(Incomplete) as caught:
        send(cast.worker.user, press, key=key)
    assert (caught.value.code, press.times) == ("idempotency_key_invalid", 0)
    assert "Idempotency-Key" in caught.value.errors


@pytest.mark.parametrize("key", ["x", "~" * 80, "3f2a-!"])
def test_keys_of_1_to_80_visible_signs_are_taken(cast: Cast, press: Press, key: str) -> None:
    assert send(cast.worker.user, press, key=key)[0] == 201


def test_keys_are_forgotten_after_30_days(cast: Cast, press: Press, clock: Clock) -> None:
    send(cast.worker.user, press)
    assert idempotency.sweep(clock.forward(days=30)) == 0
    assert idempotency.sweep(clock.forward(seconds=1)) == 1
    send(cast.worker.user, press)
    assert press.times == 2


def test_an_old_key_that_was_not_swept_counts_as_forgotten(cast: Cast, press: Press, clock: Clock) -> None:
    send(cast.worker.user, press)
    clock.forward(days=30, seconds=1)
    send(cast.worker.user, press, body="other")
    assert press.times == 2


class Presses:
    """Two equal presses on two connections; the first is held inside its effect until the second waits."""

    def __init__(self, user: User, effect: Callable[[], Done]) -> None:
        self.user, self.effect = user, effect
        self.inside, self.go_on = threading.Event(), threading.Event()
        self.times = 0
        self.results: dict[str, Any] = {}

    def _do(self) -> Done:
        self.times += 1
        if self.times == 1:
            self.inside.set()
            assert self.go_on.wait(20)
        return self.effect()

    def _send(self, name: str) -> None:
        try:
            self.results[name] = send(self.user, self._do)
        except WrongState as error:
            self.results[name] = error
        finally:
            connection.close()

    def run(self) -> None:
        first = threading.Thread(target=self._send, args=("first",))
        second = threading.Thread(target=self._send, args=("second",))
        first.start()
        assert self.inside.wait(20)
        second.start()
        wait_until_somebody_waits_for_a_lock()
        assert self.times == 1
        self.go_on.set()
        first.join(20)
        second.join(20)


def wait_until_somebody_waits_for_a_lock() -> None:
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    pytest.fail("nobody waits")


@pytest.mark.django_db(transaction=True)
def test_equal_presses_at_once_have_one_effect_and_one_answer(cast: Cast, new_case: NewCase) -> None:
    presses = Presses(cast.worker.user, Press(new_case))
    presses.run()
    assert presses.results["first"] == presses.results["second"]
    assert (presses.times, Case.objects.count(), Incident.objects.count()) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_when_the_first_of_two_presses_fails_the_second_does_it(cast: Cast, new_case: NewCase) -> None:
    good = Press(new_case)

    def effect() -> Done:
        if presses.times == 1:
            raise WrongState("moved on", state="filed")
        return good()

    presses = Presses(cast.worker.user, effect)
    presses.run()
    assert isinstance(presses.results["first"], WrongState)
    assert presses.results["second"][0] == 201
    assert Case.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_key_and_effect_stand_or_fall_together(cast: Cast, press: Press) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        send(cast.worker.user, press)
        raise RuntimeError
    assert (Case.objects.count(), IdempotencyKey.objects.count()) == (0, 0)


# --- what counts as the same body


def form(path: str = "/f", **data: Any) -> HttpRequest:
    return RequestFactory().post(path, data)


def test_the_csrf_token_and_the_key_are_no_content() -> None:
    one = form(note="好", csrfmiddlewaretoken="a", idempotency_key="x")
    other = form(note="好", csrfmiddlewaretoken="b", idempotency_key="y")
    assert body_digest(one) == body_digest(other) != body_digest(form(note="不好"))


def test_another_boundary_is_the_same_body_and_another_photo_is_not() -> None:
    def with_photo(data: bytes, boundary: str) -> HttpRequest:
        lines = [
            f"--{boundary}",
            'Content-Disposition: form-data; name="photos"; filename="a.jpg"',
            "",
            data.decode("latin-1"),
            f"--{boundary}--",
            "",
        ]
        return RequestFactory().post(
            "/f",
            "\r\n".join(lines).encode("latin-1"),
            content_type=f"multipart/form-data; boundary={boundary}",
        )

    one = body_digest(with_photo(b"photo one", "AAA"))
    assert one == body_digest(with_photo(b"photo one", "BBB"))
    assert one != body_digest(with_photo(b"photo two", "AAA"))


def test_the_order_and_number_of_values_count() -> None:
    assert body_digest(form(to=["1", "2"])) != body_digest(form(to=["2", "1"]))
    assert body_digest(form(to=["1"])) != body_digest(form(to=["1", "1"]))


def test_a_file_can_be_read_after_its_digest() -> None:
    request = form(photos=samples.upload("a.jpg", b"abc"))
    body_digest(request)
    (file,) = request.FILES.getlist("photos")
    assert file.read() == b"abc"


# --- the two skins


class Opening(APIView):
    """An API view with one POST, as the real ones are built."""

    made: list[Case] = []
    make: Callable[[], Case]

    @idempotent
    def post(self, request: Any) -> Done:
        case = type(self).make()
        type(self).made.append(case)
        return Done(201, {"number": case.number, "title": request.data["title"]}, case)


@pytest.fixture
def api(cast: Cast, new_case: NewCase) -> Callable[..., Any]:
    Opening.made, Opening.make = [], staticmethod(new_case)

    def call(data: Any, key: str | None, fmt: str = "json", **extra: Any) -> Any:
        headers = {} if key is None else {"Idempotency-Key": key}
        request = APIRequestFactory().post("/x", data, format=fmt, headers=headers, **extra)
        force_authenticate(request, cast.worker.user)
        return Opening.as_view()(request)

    return call


@pytest.mark.parametrize("fmt", ["json", "multipart"])
def test_the_api_repeats_its_answer(api: Callable[..., Any], fmt: str) -> None:
    first = api({"title": "a"}, "k", fmt)
    again = api({"title": "a"}, "k", fmt)
    assert (first.status_code, first.data) == (again.status_code, again.data)
    assert len(Opening.made) == 1
    refused = api({"title": "b"}, "k", fmt)
    assert refused.status_code == 422
    assert b'"idempotency_key_reused"' in refused.content


def test_the_api_without_a_key_does_it_each_time(api: Callable[..., Any]) -> None:
    api({"title": "a"}, None)
    api({"title": "a"}, None)
    assert len(Opening.made) == 2


def test_the_api_without_a_key_does_it_wholly_or_not_at_all(api: Callable[..., Any]) -> None:
    with pytest.raises(KeyError):
        api({"no title": "a"}, None)
    assert Case.objects.count() == 0


def test_a_format_that_the_view_does_not_take_is_told_as_such(api: Callable[..., Any]) -> None:
    from rest_framework.parsers import JSONParser

    Opening.parser_classes = [JSONParser]
    try:
        answer = api({"title": "a"}, "k", "multipart")
    finally:
        del Opening.parser_classes
    assert answer.status_code == 415


def test_a_page_sent_twice_leads_to_the_same_place(cast: Cast, new_case: NewCase) -> None:
    made: list[Case] = []

    def do() -> tuple[str, Case]:
        made.append(new_case())
        return made[-1].get_absolute_url(), made[-1]

    key = idempotency.new_key()
    first = page_once(form(title="a", idempotency_key=key), cast.worker.user, do)
    again = page_once(form(title="a", idempotency_key=key), cast.worker.user, do)
    assert first == again == made[0].get_absolute_url()
    assert len(made) == 1
    with pytest.raises(Incomplete):
        page_once(form(title="changed", idempotency_key=key), cast.worker.user, do)
    page_once(form(title="a"), cast.worker.user, do)
    assert len(made) == 2
