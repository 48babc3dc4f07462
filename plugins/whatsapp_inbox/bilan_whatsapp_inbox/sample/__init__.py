"""Sample data: recorded posts of the WhatsApp Cloud API, a service desk's log, tables of Intercom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from bilan.sdk import ImportFile, Post, Sample
from bilan_whatsapp_inbox.textdomain import _

DATA = Path(__file__).parent / "data"
EXPECTED = "expected.json"
"""What the posts mean; for the tests."""


def posts() -> Iterator[Post]:
    """The recorded posts, in the order of their names."""
    for path in sorted((DATA / "webhooks").glob("*.json")):
        if path.name != EXPECTED:
            yield Post(path.read_bytes())


def desk_log(workplace: Path, now: datetime) -> Iterable[ImportFile]:  # noqa: ARG001 - the contract's
    """Three days of a service desk."""
    (path,) = (DATA / "service_desk_log").glob("*.csv.gz")
    return (ImportFile(path, path.name),)


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
        _("Three days of a real service desk, anonymised where they were found. See the data's README."),
        files=desk_log,
    ),
    Sample(
        "intercom",
        "Intercom (sample)",
        _("Real tables without names and words. See the data's README and licence."),
        files=intercom,
    ),
)
