"""The weekly report arrives on Monday: from the click in a browser to the mailbox, for a report of each kind.

One server goes by a clock that each test moves into a week of its own; a mail server of the test's own takes
what it sends.
"""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks import moved_clock
from bilan.accounts.passwords import generated
from fixtures.pages import EMAIL, Visitor
from fixtures.serving import Served
from fixtures.smtp import Listening, Sink, read_mail

pytestmark = [pytest.mark.browser, pytest.mark.requirement("AP-01", "AP-03", "AP-11", "AP-37", "DC-04")]

PARIS = "Europe/Paris"


@dataclass(frozen=True)
class Kind:
    """A kind of report, a file of facts of one day, and what the mailbox must hold of them."""

    key: str
    source: str
    """What is added to bring the facts in: plugin and kind."""
    rows: str
    file: str
    """The CSV file that comes in the archive."""
    line: str
    """Its only line: the week before alone, which one fact of each file does not belong to."""
    monday: date


KINDS = (
    Kind(
        "email.campaign", "email/mailchimp",
        "occurred_at,kind,recipient,campaign,tags\n"
        "{day}T08:00:00Z,delivered,ann@example.com,Alpha,x\n"
        "{day}T08:00:00Z,delivered,bob@example.com,Alpha,x\n"
        "{day}T09:00:00Z,opened,ann@example.com,Alpha,x\n"
        "{before}T09:00:00Z,delivered,cid@example.com,Alpha,x\n",
        "campaigns.csv", "Alpha,Alpha,,email,,x,false,2,2,1,0,0,0,0,0", date(2026, 3, 16),
    ),
    Kind(
        "whatsapp.by_agent", "whatsapp/file",
        "occurred_at,event,id,contact,conversation,direction,agent,tags\n"
        "{day}T08:00:00Z,message,in-1,33639980002,c-1,in,,\n"
        "{day}T08:30:00Z,message,out-1,33639980002,c-1,out,bo@example.org,\n"
        "{day}T09:00:00Z,closed,end-1,33639980002,c-1,,,\n"
        "{before}T08:00:00Z,message,in-2,33639980003,c-2,in,,\n"
        "{before}T08:30:00Z,message,out-2,33639980003,c-2,out,bo@example.org,\n",
        "by_agent.csv", "bo@example.org,1,1,1,1,1,3600.0,1,1800.0,1800.0,0,", date(2026, 3, 23),
    ),
    Kind(
        "social.content", "social/file",
        "Date;Network;Profile;Post ID;Type;Content;Impressions;Likes\n"
        "{day} 09:30;X;Acme;17;Photo;Hola;900;20\n"
        "{before} 09:30;X;Acme;16;Photo;Earlier;800;10\n",
        "content_performance.csv",
        "2026-03-24T09:30:00Z,x,Acme,17,photo,Hola,,,,,,,,900,,,,20,,0.022222222222222223,20,,,,,",
        date(2026, 3, 30),
    ),
)  # fmt: skip
THURSDAY = timedelta(days=4)
"""So long before the Monday somebody schedules the report."""


@dataclass
class World:
    """A server by a clock of its own, and the mail server that it sends to."""

    served: Served
    sink: Sink
    clock: Path

    def let_it_be(self, moment: datetime) -> None:
        """Set the clock."""
        moved_clock.set_clock(self.clock, moment)

    def mails(self, subject: str) -> list[EmailMessage]:
        """What the owner's mailbox holds of a report."""
        found = [read_mail(content) for _sender, to, content in self.sink.taken if to == EMAIL]
        return [one for one in found if subject in str(one["subject"])]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    """The server and the mail server that the tests of this module share."""
    folder, sink = tmp_path_factory.mktemp("weekly"), Sink()
    clock, mail = folder / "clock", Listening(sink, enable_SMTPUTF8=True)
    moved_clock.set_clock(clock, datetime(2026, 3, 1, tzinfo=UTC))
    mail.start()
    program = (sys.executable, "-P", moved_clock.__file__, str(clock))
    settings = {"mail_url": f"smtp://{mail.hostname}:{mail.port}?tls=never", "mail_from": "bilan@example.org"}
    served = Served(folder / "data", settings, program=program)
    served.start()
    yield World(served, sink, clock)
    served.stop()
    mail.stop()


@pytest.fixture(scope="module")
def password(world: World) -> str:
    """The owner's."""
    said = world.served.command("people", "add", "--email", EMAIL, "--name", "Olga", "--role", "owner")
    link, chosen = said.strip().splitlines()[-1], generated()
    assert (
        httpx2.post(link, data={"password": chosen}, headers={"origin": world.served.url}).status_code == 303
    )
    return chosen


@pytest.mark.parametrize("kind", KINDS, ids=[one.key for one in KINDS])
def test_a_weekly_report_is_scheduled_with_clicks_and_arrives_on_monday(
    world: World, password: str, chromium_browser: Browser, kind: Kind
) -> None:
    name = f"Weekly {kind.key}"
    monday = datetime.combine(kind.monday, time(8), ZoneInfo(PARIS)).astimezone(UTC)
    world.let_it_be(monday - THURSDAY)
    bring_in(world.served, kind, password)
    visitor = Visitor(chromium_browser, world.served.url, password)
    page = visitor.comes()
    visitor.signs_in(page)

    schedule(page, kind, name)
    page.get_by_role("link", name="Every Monday").click()
    expect(page.locator(".upcoming time").first).to_have_attribute("datetime", monday.isoformat())
    page.context.close()
    assert visitor.complaints == []

    assert world.mails(name) == []
    world.let_it_be(monday)
    world.served.until(lambda: bool(world.mails(name)), 60)
    (mail,) = world.mails(name)
    assert mail["to"] == f"Olga <{EMAIL}>"
    assert lines_of(mail, kind)[1:] == [kind.line]


def bring_in(served: Served, kind: Kind, password: str) -> None:
    """Facts of the week before the Monday, and one of the week before that, as a file."""
    day = kind.monday - timedelta(days=6)
    rows = kind.rows.format(day=day, before=day - timedelta(weeks=1))
    with httpx2.Client(base_url=served.url, headers={"origin": served.url, "accept": "text/html"}) as client:

        def sent(path: str, **form: Any) -> str:
            answer = client.post(path, **form)
            assert answer.status_code == 303, answer.text
            return answer.headers["location"]

        sent("/sign-in", data={"email": EMAIL, "password": password})
        source = sent(f"/sources/new/{kind.source}", data={"name": kind.key})
        stored = sent(f"{source}/import", files={"file": ("rows.csv", rows.encode())})
        run = sent(f"{stored}/start")
        served.until(lambda: "Rows that are new" in client.get(run).text)


def schedule(page: Page, kind: Kind, name: str) -> None:
    """Put the report together and have it sent every Monday, to whoever does so."""
    page.goto(f"/reports/new/{kind.key}")
    page.get_by_label("What to call it").fill(name)
    page.get_by_label("Build and send this report by itself").check()
    expect(page.get_by_label("Every Monday")).to_be_checked()
    page.get_by_label("Time zone").last.fill(PARIS)
    page.get_by_role("group", name="Files").get_by_label("CSV").check()
    page.get_by_role("group", name="Files").get_by_label("PDF").uncheck()
    page.get_by_label("attached, as long as they are small enough").check()
    expect(page.locator("#upcoming .upcoming li")).to_have_count(12)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def lines_of(mail: EmailMessage, kind: Kind) -> list[str]:
    """The lines of the report's file, which is attached in an archive."""
    (file,) = [part for part in mail.iter_attachments() if str(part.get_filename()).endswith(".zip")]
    with zipfile.ZipFile(io.BytesIO(file.get_content())) as archive:
        return archive.read(kind.file).decode("utf-8-sig").splitlines()
