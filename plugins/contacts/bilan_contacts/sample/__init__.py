"""Sample data: what contacts of a real service desk went through."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

from bilan.sdk import ImportFile, Sample
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


SAMPLES: tuple[Sample, ...] = (
    Sample(
        "contact_actions",
        "Contacts of a desk (sample)",
        _("What contacts of a real, anonymised service desk went through, moved up to now. See the README."),
        files=actions,
    ),
)
