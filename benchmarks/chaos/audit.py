"""What is counted after the fault run: the ledger against mailboxes, the mail server's word and schedules."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import SMTP
from enum import StrEnum
from typing import Any
from uuid import UUID

from benchmarks.chaos.mail_server import Mailboxes, Taken
from benchmarks.chaos.population import APPROVER, OWNER, Expected, Fate, Planned, language_of
from benchmarks.chaos.shop import registry
from bilan.app import Bilan
from bilan.app.verification import verify_ledger
from bilan.catalog.statements import rows
from bilan.delivery import DownloadLinks, Mode
from bilan.i18n import Translator, formatter_for
from bilan.schedules.values import OccurrenceState
from bilan.sdk.errors import BilanError
from bilan.settings import Settings

OCCURRENCES = "SELECT id, schedule_id, nominal, state, run FROM occurrence"
DELIVERIES = """
SELECT delivery.id AS id, delivery.address AS address, delivery.state AS state,
  sending.occurrence AS occurrence, sending.run AS run,
  letter.artifacts AS artifacts
FROM delivery JOIN sending ON sending.id = delivery.sending_id
LEFT JOIN letter ON letter.sending_id = sending.id AND letter.channel = delivery.channel
  AND letter.language = delivery.language
"""
ARTIFACTS = "SELECT id, run_id, sha256 FROM artifact"
FIGURE = re.compile(r"^Number of orders\s*:\s+(\d+)\b", re.MULTILINE)
SHOWN_FIGURE = re.compile(r'class="value"[^>]*>(\d+)<')
LINK = re.compile(r"https://bilan\.example\.org/links/(\S+)")
NOTICE = re.compile(r"https://bilan\.example\.org/occurrences/([0-9a-f-]{36})")
TOLD = (OccurrenceState.FAILED, OccurrenceState.INCOMPLETE)
"""What the owner gets a notice of."""
BY_STATE = {
    Fate.WITHHELD: (OccurrenceState.WITHHELD,),
    Fate.REFUSED: (OccurrenceState.WITHHELD,),
    Fate.LEFT_OUT: (OccurrenceState.LEFT_OUT,),
    Fate.SENT: (OccurrenceState.SENT, OccurrenceState.INCOMPLETE, OccurrenceState.FAILED),
}


class Wrong(StrEnum):
    """What must not be, as the table calls it."""

    DUPLICATE = "duplicates outside rows marked unknown"
    NOT_FINAL = "occurrences without a final row"
    NO_WORD = "rows that say accepted without the server's word"
    MAILBOX = "mailboxes that do not hold what their schedules say"
    CHAIN = "chains of the ledger that do not hold"


@dataclass(frozen=True, slots=True)
class Delivered:
    """A row of the ledger."""

    id: str
    address: str
    state: str
    occurrence: str
    run: str
    artifacts: frozenset[str]
    """The hashes of the files that its letter leads to."""


@dataclass
class Audit:
    """What was found: how deliveries and occurrences ended, and sentences about what is wrong, by place."""

    deliveries: Counter[str] = field(default_factory=Counter[str])
    occurrences: Counter[str] = field(default_factory=Counter[str])
    arrived_unknown: int = 0
    """Rows that are unknown whose message is there."""
    wrong: dict[Wrong, dict[str, str]] = field(
        default_factory=lambda: {one: dict[str, str]() for one in Wrong}
    )
    chain: tuple[str, ...] = ()

    def say(self, wrong: Wrong, where: str, sentence: str) -> None:
        """Something is wrong; of one place the first sentence is kept."""
        self.wrong[wrong].setdefault(where, sentence)

    @property
    def right(self) -> bool:
        """Whether nothing is."""
        return not any(self.wrong.values())


async def audited(settings: Settings, planned: Sequence[Planned], mailboxes: Mailboxes) -> Audit:
    """Look at everything once nobody works any more."""
    audit = Audit()
    async with Bilan.open(settings, registry=registry(), local=True) as bilan:
        hashes = {str(one["id"]): one["sha256"] for one in await rows(ARTIFACTS)}
        delivered = [_delivered(row, hashes) for row in await rows(DELIVERIES)]
        found = await rows(OCCURRENCES)
        audit.deliveries.update(one.state for one in delivered)
        look_for_duplicates(audit, delivered, mailboxes)
        look_for_words(audit, delivered, mailboxes)
        mail = Reading(audit, mailboxes, bilan.services.download_links, bilan.services.translator)
        await _look_at_schedules(audit, planned, found, delivered, mail)
    right, audit.chain = await _verified(settings)
    if not right:
        audit.say(Wrong.CHAIN, "ledger", " ".join(audit.chain))
    return audit


async def _verified(settings: Settings) -> tuple[bool, tuple[str, ...]]:
    """What ``bilan verify`` says."""
    right, lines = await verify_ledger(settings, "")
    return right, tuple(lines)


def look_for_duplicates(audit: Audit, delivered: Sequence[Delivered], mailboxes: Mailboxes) -> None:
    """Messages that are there more than once, by their ids and by what they say they are about."""
    states = {one.id: one.state for one in delivered}
    ids, subjects = Counter[str](), defaultdict[tuple[str, str], set[str]](set)
    for one in mailboxes.taken:
        ids[one.ident] += 1
        content = mailboxes.content(one)
        subjects[one.recipient, notice_of(content) or _head(content, "Subject")].add(one.ident)
    for ident, count in ids.items():
        if count > 1 and states.get(ident) != "unknown":
            audit.say(Wrong.DUPLICATE, ident, f"{count} times, and its row says {states.get(ident)}")
    for (recipient, subject), several in subjects.items():
        if len(several) > 1:
            audit.say(Wrong.DUPLICATE, f"{recipient} {subject}", f"under the ids {sorted(several)}")


def look_for_words(audit: Audit, delivered: Sequence[Delivered], mailboxes: Mailboxes) -> None:
    answered = {(one.ident, one.recipient) for one in mailboxes.taken if one.answered}
    for one in delivered:
        if one.state == "accepted" and (one.id, one.address) not in answered:
            audit.say(Wrong.NO_WORD, one.id, f"to {one.address}")


async def _look_at_schedules(
    audit: Audit,
    planned: Sequence[Planned],
    found: Sequence[Mapping[str, Any]],
    delivered: Sequence[Delivered],
    mail: Reading,
) -> None:
    by_day = defaultdict[tuple[UUID, date], list[Mapping[str, Any]]](list)
    for row in found:
        day = datetime.fromisoformat(row["nominal"].partition("[")[0]).date()
        by_day[UUID(str(row["schedule_id"])), day].append(row)
    of_occurrence = defaultdict[str, list[Delivered]](list)
    for one in delivered:
        of_occurrence[one.occurrence].append(one)
    explained = set[str]()
    for schedule in planned:
        for expected in schedule.expected:
            where = f"{schedule.title}, {expected.day}"
            several = by_day.pop((schedule.id, expected.day), [])
            audit.occurrences.update(row["state"] for row in several)
            final = [row for row in several if OccurrenceState(row["state"]).final]
            if len(several) != 1 or len(final) != 1:
                states = [row["state"] for row in several]
                audit.say(Wrong.NOT_FINAL, where, f"its rows say {states}")
                continue
            sent = of_occurrence.pop(str(final[0]["id"]), [])
            explained |= {one.id for one in sent}
            await mail.compare(schedule, expected, final[0], sent)
    for (_schedule, day), several in by_day.items():
        audit.say(Wrong.NOT_FINAL, f"{several[0]['id']}", f"nobody expected anything on {day}")
    waited = {one.id for one in planned if one.answer is not None}
    asked = {str(row["id"]) for row in found if UUID(str(row["schedule_id"])) in waited}
    told = {str(row["id"]) for row in found if row["state"] in TOLD}
    for one in mail.mailboxes.taken:
        about = notice_of(mail.mailboxes.content(one))
        noticed = one.recipient == OWNER and about in told
        if one.ident not in explained and not noticed and not (one.recipient == APPROVER and about in asked):
            audit.say(Wrong.MAILBOX, one.recipient, f"{one.ident} belongs to no occurrence")


@dataclass
class Reading:
    """Reads messages, and says of each mailbox what is wrong with it."""

    audit: Audit
    mailboxes: Mailboxes
    links: DownloadLinks
    translator: Translator
    by_ident: Mapping[str, list[Taken]] = field(init=False)

    def __post_init__(self) -> None:
        found = defaultdict[str, list[Taken]](list)
        for one in self.mailboxes.taken:
            found[one.ident].append(one)
        self.by_ident = found

    async def compare(
        self, schedule: Planned, expected: Expected, row: Mapping[str, Any], sent: Sequence[Delivered]
    ) -> None:
        """Hold an occurrence against what was expected of it, and the mailboxes against both."""
        where, state = f"{schedule.title} of {expected.day}", OccurrenceState(row["state"])
        refused = expected.fate is Fate.REFUSED
        as_sent = {one.state for one in sent} == {"cancelled"} if refused else state is _concluded(sent)
        if state not in BY_STATE[expected.fate] or (sent and not as_sent):
            for address in schedule.recipients:
                states = sorted(one.state for one in sent)
                self._say(address, f"{where} was to be {expected.fate}, and is {state} with {states}")
        # Where its report could not be built there is no row, and the occurrence says so.
        wanted = sorted(schedule.recipients) if expected.fate in (Fate.SENT, Fate.REFUSED) and sent else []
        if sorted(one.address for one in sent) != wanted:
            self._say(",".join(wanted), f"{where} has rows for {[one.address for one in sent]}")
        for one in sent:
            there = self.by_ident.get(one.id, [])
            most = 1 if one.state in ("accepted", "unknown") else 0
            if len(there) > most or (one.state == "accepted" and not there):
                self._say(one.address, f"{where} is there {len(there)} times, and is {one.state}")
            self.audit.arrived_unknown += one.state == "unknown" and bool(there)
            if one.run != str(row["run"]):
                self._say(one.address, f"{where} holds another run than its own")
            for taken in there:
                for sentence in [said async for said in self._wrong(schedule, expected, one, taken)]:
                    self._say(one.address, f"{where}: {sentence}")

    async def _wrong(
        self, schedule: Planned, expected: Expected, one: Delivered, taken: Taken
    ) -> AsyncGenerator[str]:
        """What is wrong with a message."""
        message = message_from_bytes(self.mailboxes.content(taken), policy=SMTP)
        assert isinstance(message, EmailMessage)
        language = language_of(one.address)
        formatter = formatter_for(self.translator, language, "UTC")
        covers = expected.covers.isoformat()
        subject = f"{schedule.title} · {formatter.period(covers, covers)}"
        if message["Subject"] != subject:
            yield f"its subject is {message['Subject']!r} in place of {subject!r}"
        if taken.recipient != one.address or one.address not in message["To"]:
            yield f"it is to {message['To']} and went to {taken.recipient}"
        text, html = (_body(message, kind) for kind in ("plain", "html"))
        figures = FIGURE.findall(text) + SHOWN_FIGURE.findall(html)
        if figures != [str(expected.figure)] * 2:
            yield f"it says {figures} in place of {expected.figure}"
        files = [hashlib.sha256(_decoded(part)).hexdigest() for part in message.iter_attachments()]
        linked = [await self._file(token) for token in LINK.findall(text)]
        held = files if schedule.mode is Mode.ATTACH else linked
        if len(files) + len(linked) != len(schedule.formats) or set(held) != set(one.artifacts):
            yield f"it holds {len(files)} files and {len(linked)} links, not {len(schedule.formats)}"

    async def _file(self, token: str) -> str:
        """The hash of the file behind a link."""
        try:
            return (await self.links.open(token)).sha256
        except BilanError as error:
            return str(error.message)

    def _say(self, address: str, sentence: str) -> None:
        self.audit.say(Wrong.MAILBOX, address, sentence)


def _concluded(sent: Sequence[Delivered]) -> OccurrenceState:
    """How an occurrence ends whose rows ended so."""
    accepted = sum(one.state == "accepted" for one in sent)
    if accepted == len(sent):
        return OccurrenceState.SENT
    unknown = any(one.state == "unknown" for one in sent)
    return OccurrenceState.INCOMPLETE if accepted or unknown else OccurrenceState.FAILED


def _delivered(row: Mapping[str, Any], hashes: Mapping[str, str]) -> Delivered:
    artifacts: list[str] = json.loads(row["artifacts"]) if row["artifacts"] else []
    return Delivered(
        str(row["id"]), row["address"], row["state"], str(row["occurrence"]), str(row["run"]),
        frozenset(hashes[one] for one in artifacts),
    )  # fmt: skip


def _decoded(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def notice_of(content: bytes) -> str:
    """The occurrence whose failure the message tells its schedule's owner of; empty for a report."""
    message = message_from_bytes(content, policy=SMTP)
    assert isinstance(message, EmailMessage)
    found = NOTICE.search(_body(message, "plain"))
    return found[1] if found else ""


def _head(content: bytes, name: str) -> str:
    found = re.search(rf"^{name}: ([^\r\n]*(?:\r\n [^\r\n]*)*)".encode(), content, re.MULTILINE)
    return found[1].decode() if found else ""


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return part.get_content() if part is not None else ""


def lines(audit: Audit, most: int = 5) -> Iterator[str]:
    """Sentences about what is wrong, the first of each sort."""
    for wrong, places in audit.wrong.items():
        for where, sentence in list(places.items())[:most]:
            yield f"{wrong}: {where}: {sentence}"
