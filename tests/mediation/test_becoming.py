"""A matter becomes a dispute, a dispute a whistle: what is carried over, and links both ways. And what time takes away."""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.test import Client

from cases import events
from cases.anonymising import past_term
from cases.models import Attachment, Case, CaseLink
from grids.clock import SHANGHAI
from mediation.models import Party, Session
from tests.cases.conftest import NewCase
from tests.cast import Cast
from tests.conftest import Clock
from tests.mediation import moves
from tests.mediation.conftest import Town
from tests.mediation.test_pages import counter_form
from tests.mediation.test_papers import whole


def test_an_incident_becomes_a_dispute(
    category: Any, new_case: NewCase, town: Town, cast: Cast, clock: Clock, browser_of: Any
) -> None:
    incident = new_case(cast.worker, place=cast.places.grid)
    client: Client = browser_of(cast.village)
    page = client.get(incident.get_absolute_url()).content.decode()
    url = f"/mediations/new/?from={incident.number}"
    assert "转为调解" in page and url in page
    form = client.get(url).content.decode()
    assert incident.title in form and incident.incident.description in form
    assert incident.number in form and "内容已带入" in form
    sent = counter_form(cast, came_from=incident.number, title=incident.title, source="incident")
    assert client.post("/mediations/new/", sent).status_code == 303
    dispute = Case.objects.get(kind="mediation")
    link = CaseLink.objects.get()
    assert (link.source, link.target, link.kind) == (incident, dispute, "mediation")
    assert dispute.number in client.get(incident.get_absolute_url()).content.decode()
    assert incident.number in client.get(dispute.get_absolute_url()).content.decode()


def test_a_dispute_becomes_a_whistle_without_telling_what_was_said(
    town: Town, cast: Cast, clock: Clock, browser_of: Any
) -> None:
    dispute = moves.running(town, cast)
    client: Client = browser_of(cast.township)
    page = client.get(dispute.get_absolute_url()).content.decode()
    url = f"/whistles/new/?from={dispute.number}"
    assert "转为吹哨" in page and url in page
    form = client.get(url).content.decode()
    assert "邻里纠纷" in form and "已调解1次" in form
    for secret in ("欧", "多次争吵", "要求拆除院墙"):
        assert secret not in form
    sent = {
        "title": "院墙纠纷请部门到场", "kind": "dispute", "subject": "urban_construction", "matter": "院墙纠纷", "why_not": "无执法权",
        "address": "东路", "departments": [str(cast.departments.urban.pk)], "came_from": dispute.number,
    }  # fmt: skip
    answer = client.post("/whistles/new/", sent)
    assert answer.status_code in (302, 303), answer.content.decode()
    whistle = Case.objects.get(kind="whistle")
    assert CaseLink.objects.get(source=dispute, target=whistle).kind == "whistle"
    assert whistle.number in client.get(dispute.get_absolute_url()).content.decode()
    assert dispute.number in client.get(whistle.get_absolute_url()).content.decode()


SECRETS = (
    "欧阳",
    "司徒",
    moves.identity(1),
    "0001380",
    "东路1号",
    "多次争吵",
    "拆除院墙",
    "祖上",
    "六米",
    "和好",
    "诸葛",
)
CIPHERED = list(SECRETS[:5])  # stand nowhere in the open from the beginning
KEPT = date(2056, 12, 31)  # filed in 2026 for thirty years


def written(case: Case) -> str:
    """Everything that the tables of mediation and the words of the record hold."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("mediation_", "cases_")):
                cursor.execute(f'SELECT t::text FROM "{table}" t')
                found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


def test_after_its_term_a_dispute_is_anonymised_and_the_command_says_first_what_it_will_do(
    town: Town, cast: Cast, clock: Clock, settings: Any
) -> None:
    case = whole(town, cast)
    assert [secret for secret in SECRETS if secret not in written(case)] == CIPHERED
    clock.forward(days=settings.GEZHI_RETENTION_DAYS + 1)
    call_command("anonymise", "--do", stdout=io.StringIO())
    case.refresh_from_db()
    assert case.anonymised_at is None and case.keep_until == KEPT  # its file is still kept
    clock.set(datetime.combine(KEPT, time(23, 59), SHANGHAI))
    assert not past_term(clock.at).exists()
    clock.forward(minutes=1)
    out = io.StringIO()
    call_command("anonymise", stdout=out)
    assert case.number in out.getvalue()
    assert Party.objects.filter(case=case).exclude(digest="").exists()  # nothing was done yet
    call_command("anonymise", "--do", stdout=out)
    case.refresh_from_db()
    left = written(case)
    assert [secret for secret in SECRETS if secret in left] == []
    assert case.title == "邻里纠纷" and case.anonymised_at is not None
    assert not Attachment.objects.filter(case=case).exists()
    assert not Party.objects.exclude(digest="").exists() and not Session.objects.exclude(record="").exists()
    assert list(events.broken_entries(case)) == []


def test_an_anonymised_dispute_still_counts_and_opens(
    town: Town, cast: Cast, clock: Clock, browser_of: Any
) -> None:
    case = whole(town, cast)
    clock.set(datetime.combine(KEPT + timedelta(days=1), time(9), SHANGHAI))
    call_command("anonymise", "--do", stdout=io.StringIO())
    client: Client = browser_of(town.low)
    assert client.get(case.get_absolute_url()).status_code == 200
    page = client.get("/mediations/figures/?since=2026-01-01&until=2026-12-31").content.decode()
    assert "100.00 % (1/1)" in page
    assert client.post(f"{case.get_absolute_url()}papers/make/", {"paper": "file.pdf"}).status_code == 200
