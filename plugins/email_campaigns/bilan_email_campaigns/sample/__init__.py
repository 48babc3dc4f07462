"""Sample data: real payloads and tables of five services, and a simulated shop that reaches up to today."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

from bilan.sdk import Example, ImportFile, Post, Sample, SourceKind
from bilan_email_campaigns.sample.readable import Readable
from bilan_email_campaigns.sample.simulate import events, newest
from bilan_email_campaigns.sample.statistics import recorded
from bilan_email_campaigns.sending_services import SERVICES
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.vocabulary import NAMESPACE

DATA = Path(__file__).parent / "data"
EXPECTED = "expected.json"
"""What the posts of a service mean; for the tests."""
FORMS = ("mailgun", "mandrill")
"""Services that post forms, all or some of them."""
SETTINGS = {"amazon_ses": {"topic": "arn:aws:sns:eu-west-1:123456789012:ses-events"}}
"""What the documented posts are of."""
DOCUMENTED = _("Payloads in the form in which the service documents them, for the tests.")
REAL = _(
    "Real payloads, kept close to the form in which they were found. See the data's README and licences."
)


def _posts(service: str) -> Callable[[], Iterator[Post]]:
    def posts() -> Iterator[Post]:
        for path in sorted((DATA / "webhooks" / service).glob("*.json")):
            if path.name == EXPECTED:
                continue
            body = path.read_bytes()
            form = json.loads(body).get("form") if service in FORMS else None
            if form is None:
                yield Post(body)
            else:
                yield Post(urlencode(form, doseq=True).encode(), "application/x-www-form-urlencoded")

    return posts


def _tables(folder: str, first: str) -> Callable[[Path, datetime], Iterable[ImportFile]]:
    def files(workplace: Path, now: datetime) -> Iterable[ImportFile]:  # noqa: ARG001 - the contract's
        readable = Readable()
        copies = {
            path.name: readable.write(path, workplace) for path in sorted((DATA / folder).glob("*.csv"))
        }
        return (ImportFile(copies.pop(first), first, copies),)

    return files


def _mails() -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted((DATA / "bounces").glob("*.eml")))


def _report(workplace: Path, now: datetime) -> Iterable[ImportFile]:  # noqa: ARG001 - the contract's
    return (ImportFile(DATA / "mailchimp_report_api" / "reports.json", "reports.json"),)


def _simulated(workplace: Path, now: datetime) -> Iterable[ImportFile]:
    path = workplace / "simulated-shop.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for event in events(now):
            file.write(json.dumps(event, ensure_ascii=False) + "\n")
    return (ImportFile(path, path.name),)


def _reports(now: datetime) -> dict[str, Example]:
    campaign = newest(now)
    return {
        f"{NAMESPACE}.campaign": Example(
            "newest",
            _("One campaign: {campaign}", campaign=campaign),
            _("The newest newsletter that has been out for a week, in full."),
            {"campaign": campaign},
        )
    }


def _documented(kind: SourceKind) -> Sample:
    name, settings = f"{kind.label} (documented)", SETTINGS.get(kind.key, {})
    return Sample(kind.key, name, DOCUMENTED, posts=_posts(kind.key), settings=settings, demo=False)


FETCHED = (
    ("mailchimp", "Mailchimp", {"api_key": "0123456789abcdef-us19"}),
    ("brevo", "Brevo", {"api_key": "xkeysib-0123"}),
)
"""The kinds whose statistics are recorded, their names, and the settings with which they are read."""
SAMPLES: tuple[Sample, ...] = (
    Sample(
        "file",
        "Simulated shop",
        _("Made up by a program: half a year of a small shop's messages over six channels."),
        files=_simulated,
        reports=_reports,
    ),
    Sample("sendgrid", "SendGrid (sample)", REAL, posts=_posts("sendgrid")),
    Sample("postmark", "Postmark (sample)", REAL, posts=_posts("postmark")),
    Sample(
        "mailgun",
        "Mailgun (sample)",
        REAL,
        posts=_posts("mailgun"),
        settings={"signing_key": "TEST_WEBHOOK_SIGNING_KEY"},
    ),
    Sample("brevo", "Brevo (sample)", REAL, posts=_posts("brevo")),
    Sample(
        "mailchimp",
        "Mailchimp (sample)",
        REAL,
        files=lambda place, now: (
            *_report(place, now),
            *_tables("mailchimp_connector", "campaign_recipient_activity.csv")(place, now),
        ),
    ),
    *(
        Sample(
            kind,
            f"{name} (statistics)",
            _("Statistics in the shape that the service’s documentation prints; the words are invented."),
            settings=settings,
            answers=recorded(kind),
            demo=False,
        )
        for kind, name, settings in FETCHED
    ),
    Sample(
        "smtp",
        "Mail server (sample)",
        _("Reports in the form that standards and mail servers give them; their words are invented."),
        settings={"host": "mail.example.org", "user": "bounces", "secret": "sample"},
        mails=_mails,
        posts=lambda: (Post(raw, "message/rfc822") for raw in _mails() if b"Automatic reply" not in raw),
        demo=False,
    ),
    Sample("hubspot", "HubSpot (sample)", REAL, files=_tables("hubspot_connector", "email_event_data.csv")),
    *map(_documented, SERVICES),
)
