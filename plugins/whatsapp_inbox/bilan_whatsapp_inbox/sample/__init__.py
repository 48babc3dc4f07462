"""Sample data: recorded posts of the WhatsApp Cloud API, a service desk's log, tables of Intercom."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from bilan.sdk import ImportFile, Post, Sample
from bilan_whatsapp_inbox.textdomain import _

DATA = Path(__file__).parent / "data"
EXPECTED = "expected.json"
"""What the posts mean; for the tests."""
DAY = re.compile(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b")
"""A day as the service desk writes it."""


def posts() -> Iterator[Post]:
    """The recorded posts, in the order of their names."""
    for path in sorted((DATA / "webhooks").glob("*.json")):
        if path.name != EXPECTED:
            yield Post(path.read_bytes())


def desk_log(workplace: Path, now: datetime) -> Iterable[ImportFile]:
    """Three days of a service desk, moved by whole weeks so that the last event was a few days ago."""
    (path,) = (DATA / "service_desk_log").glob("*.csv.gz")
    text = gzip.decompress(path.read_bytes()).decode()
    last = max(map(_day, DAY.finditer(text)))
    moved = timedelta(weeks=(now.date() - last - timedelta(days=1)) // timedelta(weeks=1))
    file = workplace / path.name.removesuffix(".gz")
    file.write_text(DAY.sub(lambda found: f"{_day(found) + moved:%d/%m/%Y}", text), encoding="utf-8")
    return (ImportFile(file, file.name),)


def _day(found: re.Match[str]) -> date:
    day, month, year = map(int, found.groups())
    return date(year, month, day)


def intercom(workplace: Path, now: datetime) -> Iterable[ImportFile]:  # noqa: ARG001 - the contract's
    """The tables of a connector, with that of the conversations first."""
    paths = {path.name: path for path in sorted((DATA / "intercom_connector").glob("*.csv"))}
    first = "conversation_history_data.csv"
    return (ImportFile(paths.pop(first), first, paths),)


SAMPLES: tuple[Sample, ...] = (
    Sample(
        "whatsapp_cloud",
        "WhatsApp (sample)",
        _("Real posts with placeholders for people and messages. See the data's README and licence."),
        posts=posts,
    ),
    Sample(
        "service_desk",
        "Service desk (sample)",
        _("Three anonymised days of a real service desk, moved to these weeks. See the data's README."),
        files=desk_log,
    ),
    Sample(
        "intercom",
        "Intercom (sample)",
        _("Real tables without names and words. See the data's README and licence."),
        files=intercom,
    ),
)
