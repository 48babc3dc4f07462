"""Sample data: recorded posts of the WhatsApp Cloud API, a desk's log, tables of Intercom, a simulation."""

from __future__ import annotations

import gzip
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bilan.sdk import Example, ImportFile, Post, Sample
from bilan_whatsapp_inbox.sample.clicks import with_clicks
from bilan_whatsapp_inbox.sample.simulate import AGENTS, events
from bilan_whatsapp_inbox.textdomain import _

DATA = Path(__file__).parent / "data"
EXPECTED = "expected.json"
"""What the posts mean; for the tests."""
DESK = re.compile(r"\b(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})\b")
"""A day as the service desk writes it."""
POSTED = re.compile(rb'(?<="timestamp": ")\d{10}|(?<="timestamp": )\d{10}')
"""A moment as WhatsApp writes it, in seconds."""
A_POST = 6_000
"""Simulated events in a post."""
CONNECTOR = re.compile(r"\b(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)\b")
"""A day as the connector writes it."""


def posts() -> Iterator[Post]:
    """The recorded posts, in the order of their names, each moved by whole weeks into the last one."""
    yesterday = datetime.now(UTC).date() - timedelta(days=1)

    def moved(found: re.Match[bytes]) -> bytes:
        weeks = (yesterday - datetime.fromtimestamp(int(found[0]), UTC).date()) // timedelta(weeks=1)
        return b"%d" % (int(found[0]) + weeks * timedelta(weeks=1) // timedelta(seconds=1))

    for path in sorted((DATA / "webhooks").glob("*.json")):
        if path.name != EXPECTED:
            yield Post(POSTED.sub(moved, path.read_bytes()))


def simulated() -> Iterator[Post]:
    """What the simulated inbox posts up to now."""
    now = datetime.now(UTC)
    told = with_clicks(events(now), now)
    while some := list(itertools.islice(told, A_POST)):
        yield Post(json.dumps(some).encode())


def shop_reports(_now: datetime) -> Mapping[str, Example]:
    """Each report over the conversations that the simulated agents had."""
    narrowed = {"agents": [one.address for one in AGENTS], "period": "last_30_days"}
    return {
        "whatsapp.summary": Example(
            "shop", _("The shop's inbox"), _("Conversations of the shop's agents, week by week."),
            {**narrowed, "interval": "week"},
        ),
        "whatsapp.by_agent": Example(
            "shop", _("The shop's agents"), _("How the shop's agents answer, beside the month before."),
            narrowed,
        ),
        "whatsapp.by_tag": Example(
            "shop", _("What the shop is asked"), _("The tags of the shop's conversations."), narrowed
        ),
        "whatsapp.details": Example(
            "shop", _("The shop's conversations"), _("Row by row, the newest first."), narrowed
        ),
    }  # fmt: skip


def desk_log(workplace: Path, now: datetime) -> Iterable[ImportFile]:
    """Three days of a service desk, moved by whole weeks so that the last event was a few days ago."""
    (path,) = (DATA / "service_desk_log").glob("*.csv.gz")
    text = gzip.decompress(path.read_bytes()).decode()
    (file,) = _moved({path.name.removesuffix(".gz"): text}, DESK, "%d/%m/%Y", workplace, now)
    return (ImportFile(file, file.name),)


def intercom(workplace: Path, now: datetime) -> Iterable[ImportFile]:
    """The tables of a connector, with that of the conversations first; moved like the desk's."""
    texts = {
        path.name: path.read_text("utf-8") for path in sorted((DATA / "intercom_connector").glob("*.csv"))
    }
    paths = {path.name: path for path in _moved(texts, CONNECTOR, "%Y-%m-%d", workplace, now)}
    first = "conversation_history_data.csv"
    return (ImportFile(paths.pop(first), first, paths),)


def _moved(
    texts: Mapping[str, str], days: re.Pattern[str], written: str, workplace: Path, now: datetime
) -> Iterator[Path]:
    last = max(_day(found) for text in texts.values() for found in days.finditer(text))
    moved = timedelta(weeks=(now.date() - last - timedelta(days=1)) // timedelta(weeks=1))
    for name, text in texts.items():
        path = workplace / name
        path.write_text(days.sub(lambda found: (_day(found) + moved).strftime(written), text), "utf-8")
        yield path


def _day(found: re.Match[str]) -> date:
    return date(int(found["year"]), int(found["month"]), int(found["day"]))


SAMPLES: tuple[Sample, ...] = (
    Sample(
        "inbox_events",
        "Shop inbox (simulated)",
        _("A simulated inbox of a shop up to now: contacts, agents, tags, ratings and clicks are invented."),
        posts=simulated,
        reports=shop_reports,
        settings={"hours": "mon-sat 9:00-18:00"},
    ),
    Sample(
        "whatsapp_cloud",
        "WhatsApp (sample)",
        _("Real posts moved to this week, people and messages replaced. See the data's README and licence."),
        posts=posts,
    ),
    Sample(
        "service_desk",
        "Service desk (sample)",
        _("Three anonymised days of a real service desk, moved to the last year. See the data's README."),
        files=desk_log,
    ),
    Sample(
        "intercom",
        "Intercom (sample)",
        _("Real tables without names and words, moved to these weeks. See the data's README and licence."),
        files=intercom,
    ),
)
