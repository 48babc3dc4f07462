"""Sample data: actions of a real desk, tables of three tools, an audience's posts, a simulated newsletter."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from bilan.sdk import ImportFile, Post, Sample
from bilan_contacts.sample import newsletter
from bilan_contacts.textdomain import _

DATA = Path(__file__).parent / "data"
DAY = re.compile(r"\b(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?=[T ]\d\d:)")
"""The day of a moment, as all the tables write it."""


def actions(workplace: Path, now: datetime) -> Iterable[ImportFile]:
    """The log of actions, moved by whole weeks so that the last one was a few days ago."""
    (path,) = (DATA / "contact_actions").glob("*.csv.gz")
    text = gzip.decompress(path.read_bytes()).decode()
    (file,) = _moved({path.name.removesuffix(".gz"): text}, workplace, now)
    return (ImportFile(file, file.name),)


def _tables(folder: str, first: str) -> Callable[[Path, datetime], Iterable[ImportFile]]:
    """The tables of a connector, moved alike."""

    def files(workplace: Path, now: datetime) -> Iterable[ImportFile]:
        texts = {path.name: path.read_text("utf-8") for path in sorted((DATA / folder).glob("*.csv"))}
        paths = {path.name: path for path in _moved(texts, workplace, now)}
        return (ImportFile(paths.pop(first), first, paths),)

    return files


def posts() -> Iterator[Post]:
    """A post of each kind that Mailchimp documents, of yesterday."""
    day = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0) - timedelta(days=1)
    for number, (kind, fields) in enumerate(POSTS):
        form = {"type": kind, "fired_at": (day + timedelta(minutes=7 * number)).strftime("%Y-%m-%d %H:%M:%S")}
        form |= {f"data[{name}]": value for name, value in {"list_id": "a6b5da1054", **fields}.items()}
        yield Post(urlencode(form).encode(), "application/x-www-form-urlencoded")


def members(workplace: Path, now: datetime) -> Iterable[ImportFile]:
    """The simulated newsletter's table of members."""
    path = newsletter.write(workplace, now)
    return (ImportFile(path, path.name),)


def _moved(texts: Mapping[str, str], workplace: Path, now: datetime) -> Iterator[Path]:
    """The tables with all days shifted by the same number of weeks, up to the last one."""
    last = max(_day(found) for text in texts.values() for found in DAY.finditer(text))
    shift = timedelta(weeks=(now.date() - last - timedelta(days=1)) // timedelta(weeks=1))
    for name, text in texts.items():
        path = workplace / name
        path.write_text(DAY.sub(lambda found: (_day(found) + shift).isoformat(), text), "utf-8")
        yield path


def _day(found: re.Match[str]) -> date:
    return date(int(found["year"]), int(found["month"]), int(found["day"]))


PERSON = {"email_type": "html", "merges][FNAME": "Ann", "merges][LNAME": "Reader"}
POSTS: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("subscribe", {"id": "8a25ff1d98", "email": "ann@reader.example", "ip_opt": "192.0.2.1", **PERSON}),
    ("profile", {"id": "8a25ff1d98", "email": "ann@reader.example", **PERSON}),
    (
        "upemail",
        {"new_id": "51da8c3259", "new_email": "ann@new.example", "old_email": "ann@reader.example"},
    ),
    ("subscribe", {"id": "77aa01", "email": "bob@reader.example", **PERSON}),
    (
        "unsubscribe",
        {"action": "unsub", "reason": "manual", "id": "77aa01", "email": "bob@reader.example", **PERSON},
    ),
    (
        "unsubscribe",
        {"action": "delete", "reason": "manual", "id": "77aa02", "email": "cleo@reader.example", **PERSON},
    ),
    ("cleaned", {"campaign_id": "4fjk2ma9xd", "reason": "hard", "email": "dan@reader.example"}),
    ("campaign", {"id": "5aa2102003", "subject": "News of the week", "status": "sent", "reason": ""}),
)
"""What stands in them; names as Mailchimp documents them, people invented."""

SAMPLES: tuple[Sample, ...] = (
    Sample(
        "file",
        "Newsletter (simulated)",
        _("The members of a simulated newsletter up to now: people, lists and reasons are invented."),
        files=members,
    ),
    Sample(
        "hubspot",
        "HubSpot contacts (sample)",
        _("Real tables without names and words, moved to these weeks. See the data's README and licence."),
        files=_tables("hubspot_connector", "contact_data.csv"),
    ),
    Sample(
        "intercom",
        "Intercom contacts (sample)",
        _("Real tables without names and words, moved to these weeks. See the data's README and licence."),
        files=_tables("intercom_connector", "contact_history_data.csv"),
    ),
    Sample(
        "mailchimp_audience",
        "Mailchimp audience (sample)",
        _("A real table of members without their names, moved to these weeks, and a post of each kind."),
        posts=posts,
        files=_tables("mailchimp_connector", "member.csv"),
    ),
    Sample(
        "contact_actions",
        "Contacts of a desk (sample)",
        _("What contacts of a real, anonymised service desk went through, moved up to now. See the README."),
        files=actions,
    ),
)
