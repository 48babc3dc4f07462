"""What is counted after the fault run: the ledger against mailboxes, the servers' word and schedules."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from benchmarks.chaos.findings import Audit, Delivered, Wrong
from benchmarks.chaos.mail_server import Mailboxes
from benchmarks.chaos.messages import about, notice_of
from benchmarks.chaos.population import APPROVER, OWNER, Fate, Planned
from benchmarks.chaos.reading import KeptPart, Reading
from benchmarks.chaos.shop import registry
from bilan.app import Bilan
from bilan.app.verification import verify_ledger
from bilan.catalog.statements import rows
from bilan.schedules.values import OccurrenceState
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
PARTS = "SELECT occurrence_id, values, run, state FROM occurrence_part"
TOLD = (OccurrenceState.FAILED, OccurrenceState.INCOMPLETE)
"""What the owner gets a notice of, beside what nobody said yes to."""


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
        parts = defaultdict[str, list[KeptPart]](list)
        for row in await rows(PARTS):
            values = tuple(json.loads(row["values"]) if isinstance(row["values"], str) else row["values"])
            kept = KeptPart(values, str(row["run"]), OccurrenceState(row["state"]))
            parts[str(row["occurrence_id"])].append(kept)
        mail = Reading(audit, mailboxes, bilan.services.download_links, bilan.services.translator, parts)
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
        subjects[one.recipient, about(mailboxes, one)].add(one.ident)
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
    explained, unapproved = set[str](), set[str]()
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
            if expected.fate is Fate.REFUSED and final[0]["state"] == OccurrenceState.WITHHELD:
                unapproved.add(str(final[0]["id"]))
            await mail.compare(schedule, expected, final[0], sent)
    for (_schedule, day), several in by_day.items():
        audit.say(Wrong.NOT_FINAL, f"{several[0]['id']}", f"nobody expected anything on {day}")
    waited = {one.id for one in planned if one.answer is not None}
    asked = {str(row["id"]) for row in found if UUID(str(row["schedule_id"])) in waited}
    told = unapproved | {str(row["id"]) for row in found if row["state"] in TOLD}
    for one in mail.mailboxes.taken:
        subject = "" if one.posted else notice_of(mail.mailboxes.content(one))
        noticed = one.recipient == OWNER and subject in told
        question = one.recipient == APPROVER and subject in asked
        if one.ident not in explained and not noticed and not question:
            audit.say(Wrong.MAILBOX, one.recipient, f"{one.ident} belongs to no occurrence")


def _delivered(row: Mapping[str, Any], hashes: Mapping[str, str]) -> Delivered:
    artifacts: list[str] = json.loads(row["artifacts"]) if row["artifacts"] else []
    return Delivered(
        str(row["id"]), row["address"], row["state"], str(row["occurrence"]), str(row["run"]),
        frozenset(hashes[one] for one in artifacts),
    )  # fmt: skip


def lines(audit: Audit, most: int = 5) -> Iterator[str]:
    """Sentences about what is wrong, the first of each sort."""
    for wrong, places in audit.wrong.items():
        for where, sentence in list(places.items())[:most]:
            yield f"{wrong}: {where}: {sentence}"
