"""A report goes to a webhook as it goes to a mailbox: one ledger, one order of steps, one kind of end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bilan.catalog.statements import instant_of, rows
from bilan.delivery import Delivery, DeliveryState, Mode
from bilan.delivery.ledger import DROPPED
from bilan.delivery.verification import check_chains
from bilan.recipients import RecipientInfo, RecipientState, TargetDraft
from bilan.reports.values import Draft
from bilan.runs.values import Run
from bilan.schedules import Recurrence, Rhythm, Timetable
from bilan.schedules.conclude import Conclusions
from bilan.schedules.values import OccurrenceState, ScheduleDraft
from bilan.sdk.errors import Invalid
from bilan.sdk.periods import Period, Preset
from bilan.settings import Settings
from bilan.work.models import StepRow
from fixtures.mailing import Mailing
from fixtures.receiving import HOOKS, Reaction, Receiver
from fixtures.smtp import Sink
from support.posting import OLGA, built, ledger, sent, to, worked

pytestmark = pytest.mark.requirement("GO-01")

ACCEPTED, REFUSED, UNKNOWN = DeliveryState.ACCEPTED, DeliveryState.REFUSED, DeliveryState.UNKNOWN
DAILY = Timetable(Recurrence(Rhythm.DAYS, date(2026, 1, 1), "UTC"), Period(Preset.YESTERDAY))
URL = f"http://{HOOKS}/in/T0K3N"


@pytest.fixture
def warehouse_settings(warehouse_settings: Settings, receiver: Receiver) -> Settings:
    """A server that may post to the receiver."""
    return warehouse_settings.model_copy(update={"webhook_private_hosts": receiver.private_hosts})


@pytest.fixture
async def target(mailing: Mailing) -> RecipientInfo:
    """A program that the owner wrote down."""
    settings = {"form": "json", "url": URL, "secret": "a secret of the test"}
    return await mailing.bilan.services.targets.add(
        mailing.owner, "webhook", TargetDraft("Figures", settings)
    )


async def posted(mailing: Mailing, target: RecipientInfo) -> tuple[Run, Delivery]:
    """A report sent to the target, and its row."""
    run = await built(mailing)
    await sent(mailing, run, to(target.address))
    return run, (await ledger(mailing, run))[target.address]


async def test_both_channels_carry_one_sending_with_links_of_their_own(
    mailing: Mailing, target: RecipientInfo, sink: Sink, receiver: Receiver
) -> None:
    run = await built(mailing)
    await sent(mailing, run, to(OLGA, target.address, message="Look at Tuesday."))
    found = await ledger(mailing, run)
    assert {one.channel: (one.state, one.answer) for one in found.values()} == {
        "email": (ACCEPTED, "250 taken"),
        "webhook": (ACCEPTED, "200 taken"),
    }
    row, (post,) = found[target.address], receiver.taken
    body = post.json()
    assert (post.path, body["id"], body["message"]) == ("/in/T0K3N", str(row.id), "Look at Tuesday.")
    assert body["report"]["page"] == f"https://bilan.example.org/runs/{run.id}"
    assert body["report"]["kind"] == "email.campaign"
    (file,) = body["files"]
    links = mailing.bilan.services.download_links
    assert links._links.read(file["url"].rpartition("/")[2]).delivery == row.id
    assert (await links.open(file["url"].rpartition("/")[2])).run == run.id
    assert file["url"] not in sink.mail_to(OLGA).as_string()
    assert [one.broken for one in await check_chains()] == [None]


async def test_who_has_one_language_gets_it_and_files_are_never_inside(
    mailing: Mailing, target: RecipientInfo, receiver: Receiver
) -> None:
    await mailing.bilan.services.targets.edit(mailing.owner, target.id, TargetDraft("Figures", {}, "fr"))
    run = await built(mailing)
    await sent(mailing, run, to(target.address, mode=Mode.ATTACH))
    body = receiver.taken[0].json()
    assert (body["language"], len(body["files"])) == ("fr", 1)
    assert not (await ledger(mailing, run))[target.address].attached


async def test_what_is_put_off_is_tried_again_when_the_other_side_asks_for_it(
    mailing: Mailing, target: RecipientInfo, receiver: Receiver
) -> None:
    receiver.react(Reaction(429, "slow down", {"retry-after": "1800"}), Reaction(503))
    run = await built(mailing)
    sending = await sent(mailing, run, to(target.address))
    assert (await ledger(mailing, run))[target.address].state is DeliveryState.PLANNED
    assert await waits(sending.run.id) > timedelta(minutes=29)
    await due(sending.run.id)
    await worked(mailing.bilan, sending.run.id)
    # Without a word of it the ledger's own waits count: the second is five minutes.
    assert timedelta(minutes=4) < await waits(sending.run.id) < timedelta(minutes=6)
    await due(sending.run.id)
    await worked(mailing.bilan, sending.run.id)
    row = (await ledger(mailing, run))[target.address]
    assert (row.state, row.attempt, len(receiver.taken)) == (ACCEPTED, 3, 1)
    # Each attempt is the same post, by which the other side knows a repetition.
    assert len({(post.body, post.headers["idempotency-key"]) for post in receiver.tried}) == 1


async def waits(job: object) -> timedelta:
    (row,) = await rows("SELECT due_at FROM step WHERE job_id = ? AND state = 'waiting'", str(job))
    at = instant_of(row["due_at"])
    assert at is not None
    return at - datetime.now(at.tzinfo)


async def due(job: object) -> None:
    """Let the time pass."""
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    await StepRow.filter(job_id=job, state="waiting").update(due_at=long_ago)


async def test_a_refusal_concerns_the_target_alone(
    mailing: Mailing, target: RecipientInfo, sink: Sink, receiver: Receiver
) -> None:
    receiver.react(Reaction(404, "no such hook"))
    run = await built(mailing)
    await sent(mailing, run, to(OLGA, target.address))
    found = await ledger(mailing, run)
    assert (found[OLGA].state, found[target.address].state) == (ACCEPTED, REFUSED)
    assert str(found[target.address].reason) == "The receiving server refused this: 404 no such hook"


async def test_a_hook_that_was_taken_away_is_posted_to_no_more(
    mailing: Mailing, target: RecipientInfo, receiver: Receiver
) -> None:
    receiver.react(Reaction(410, "gone"))
    await posted(mailing, target)
    services = mailing.bilan.services
    assert (await services.targets.get(mailing.owner, target.id)).state is RecipientState.SUPPRESSED
    with pytest.raises(Invalid, match="takes nothing for this address: 410 gone"):
        await services.deliveries.send_run(
            mailing.owner, (await built(mailing)).id, to(target.address, key="2")
        )


async def test_a_connection_that_breaks_before_the_answer_leaves_it_unknown_until_a_person_decides(
    mailing: Mailing, target: RecipientInfo, receiver: Receiver
) -> None:
    receiver.react(Reaction(reset="after"))
    run, row = await posted(mailing, target)
    assert row.state is UNKNOWN
    assert row.reason == DROPPED
    again = await mailing.bilan.services.resolve_unknown.resend(mailing.owner, row.id)
    await worked(mailing.bilan, again.run.id)
    states = [one.state for one in await mailing.bilan.services.deliveries.list(mailing.owner, run.id)]
    assert sorted(states) == [ACCEPTED, DeliveryState.REPEATED]
    first, second = (post.json() for post in receiver.taken)
    # The same files, to be told apart by another id.
    assert first["id"] != second["id"]
    assert [one["size"] for one in first["files"]] == [one["size"] for one in second["files"]]
    assert [one.broken for one in await check_chains()] == [None]


async def test_a_target_that_moved_meanwhile_gets_nothing(
    mailing: Mailing, target: RecipientInfo, receiver: Receiver
) -> None:
    run = await built(mailing)
    services = mailing.bilan.services
    sending = await services.deliveries.send_run(mailing.owner, run.id, to(target.address))
    await services.targets.edit(mailing.owner, target.id, TargetDraft("Figures", {"url": f"{URL}2"}))
    await worked(mailing.bilan, sending.run.id)
    row = (await ledger(mailing, run))[target.address]
    assert (row.state, receiver.tried) == (REFUSED, [])
    assert str(row.reason) == f"{target.address} no longer stands in the address book."


@pytest.mark.requirement("AP-01")
async def test_a_schedule_posts_there_as_it_sends_e_mails(
    mailing: Mailing, target: RecipientInfo, sink: Sink, receiver: Receiver
) -> None:
    services = mailing.bilan.services
    saved = await services.reports.create(mailing.owner, Draft("Each day", "email.campaign", {}))
    draft = ScheduleDraft(saved.id, DAILY, to=(OLGA, target.address))
    schedule = await services.schedules.create(mailing.owner, draft)
    assert {one.channel for one in schedule.recipients} == {"email", "webhook"}
    sent_now = await services.resends.send_now(mailing.owner, schedule.id, "now")
    while steps := await StepRow.filter(state="waiting", due_at__lte=services.clock.now()):
        for step in steps:
            await mailing.bilan.engine.work(step.id)
    await Conclusions(services.catalog, services.clock).sweep()
    ended = await services.occurrences.get(mailing.owner, sent_now.id)
    assert ended.state is OccurrenceState.SENT
    assert [post.json()["report"]["title"] for post in receiver.taken] == ["Each day"]
    assert "Each day" in sink.mail_to(OLGA)["Subject"]


async def test_the_secret_stands_in_no_table(mailing: Mailing, target: RecipientInfo) -> None:
    await posted(mailing, target)
    for table in ("recipient", "delivery", "ledger_entry", "step", "job", "sending"):
        assert "T0K3N" not in str(await rows(f"SELECT * FROM {table}")), table
