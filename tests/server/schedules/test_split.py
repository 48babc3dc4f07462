"""Each recipient gets their part of a report and nobody another's; what is not sent is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from bilan.accounts.models import Membership, Person
from bilan.accounts.values import Principal
from bilan.delivery.models import DeliveryRow, SendingRow
from bilan.recipients import RecipientDraft
from bilan.recipients.models import RecipientRow
from bilan.reports.values import Draft
from bilan.runs.models import ReportRunRow
from bilan.schedules.approval import ApprovalRule
from bilan.schedules.condition import SendCondition, SendConditionKind
from bilan.schedules.split import read_table
from bilan.schedules.split_rule import RecipientValues, SplitRule
from bilan.schedules.values import OccurrenceState, RecordedOccurrence, Schedule, ScheduleDraft
from bilan.sdk.channels import DeliveryStatus, OutgoingReport
from bilan.sdk.document import Kpis, Table
from bilan.sdk.errors import Conflict, Forbidden, Invalid
from bilan.sdk.walk import leaves
from support.office import LEFT
from support.schedules import HTML, NINE, Agency, addresses, send

pytestmark = pytest.mark.requirement("GO-18")
TABLE = SplitRule("countries")
SOLD = {"fr": 3, "de": 2, "es": 1}


@pytest.fixture(autouse=True)
async def sold(agency: Agency, ada: Principal) -> None:
    """Six orders: three to France, two to Germany, one to Spain. Ada, Bob and Eve may get reports."""
    for country, count in SOLD.items():
        agency.sell(LEFT, *(f"{country}{number}" for number in range(count)), country=country)
    for name in ("Bob", "Eve"):
        await agency.person(name, {})


def lines(**values: str) -> tuple[RecipientValues, ...]:
    return tuple(
        RecipientValues(f"{name}@example.org", tuple(given.split())) for name, given in values.items()
    )


async def split(
    agency: Agency,
    ada: Principal,
    table: Sequence[RecipientValues] = (),
    rule: SplitRule = TABLE,
    parameters: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Schedule:
    """A schedule of a report on countries, of which each recipient gets their part."""
    draft = Draft(f"Countries {uuid4()}", "shop.countries", parameters or {}, sources=frozenset({LEFT}))
    report = await agency.reports.create(ada, draft)
    new = ScheduleDraft(
        report.id, NINE, delivery=fields.pop("delivery", HTML), split=rule, table=tuple(table), **fields
    )
    return await agency.schedules.create(ada, new)


def total_of(report: OutgoingReport) -> int:
    (tile,) = next(one.tiles for _title, one in leaves(report.document.blocks) if isinstance(one, Kpis))
    assert isinstance(tile.value, int)
    return tile.value


def countries_of(report: OutgoingReport) -> list[str]:
    table = next(one for _title, one in leaves(report.document.blocks) if isinstance(one, Table))
    return sorted(str(row[0]) for row in report.rows(table))


def received(agency: Agency) -> dict[str, tuple[list[str], int]]:
    """What each address got: the countries in it, and their total. Nobody gets two."""
    assert len({to for to, _report in agency.post.taken}) == len(agency.post.taken)
    return {
        to.partition("@")[0]: (countries_of(report), total_of(report)) for to, report in agency.post.taken
    }


async def told(agency: Agency, ada: Principal, occurrence: RecordedOccurrence) -> dict[str, tuple[str, str]]:
    """The parts by their values, with state and reason, and those who have none by their names."""
    found = await agency.occurrences.parts(ada, occurrence.id)
    return {
        **{" ".join(one.values): (str(one.state), str(one.reason)) for one in found.parts},
        **{one.name: ("-", str(one.reason)) for one in found.without},
    }


async def test_each_of_three_recipients_gets_theirs_alone_and_together_it_is_the_whole(
    agency: Agency, ada: Principal
):
    await split(agency, ada, lines(ada="fr", bob="de", eve="es"))
    sent = await send(agency, ada)
    assert (sent.state, sent.reason, sent.recipients, sent.reached) == (OccurrenceState.SENT, None, 3, 3)
    assert received(agency) == {"ada": (["fr"], 3), "bob": (["de"], 2), "eve": (["es"], 1)}
    assert sum(total for _countries, total in received(agency).values()) == sum(SOLD.values())


async def test_all_parts_look_at_the_facts_as_of_one_moment(agency: Agency, ada: Principal):
    await split(agency, ada, lines(ada="fr", bob="de"))
    agency.set_clock(2026, 3, 10, 13)
    await agency.due.tick()
    first, second = await agency.began()
    await agency.finish(first)
    agency.clock.move(timedelta(minutes=1))
    # What arrives between the two belongs to neither.
    agency.sell(LEFT, "late", country="fr")
    agency.sell(LEFT, "later", country="de")
    agency.clock.move(timedelta(minutes=1))
    await agency.finish(second)
    await agency.work()
    assert {total for _to, total in received(agency).values()} == {3, 2}
    assert len({row.as_of for row in await ReportRunRow.all()}) == 1


async def test_the_same_part_is_made_once_for_all_whose_it_is(agency: Agency, ada: Principal):
    await split(agency, ada, lines(ada="fr de", bob="de fr", eve="es"))
    await send(agency, ada)
    assert len(await agency.began()) == 2
    assert received(agency) == {
        "ada": (["de", "fr"], 5), "bob": (["de", "fr"], 5), "eve": (["es"], 1),
    }  # fmt: skip


async def test_values_come_from_an_attribute_that_recipients_have(agency: Agency, ada: Principal):
    bob, eve = await Person.get(name="Bob"), await Person.get(name="Eve")
    await agency.attributes.change(ada, bob.id, {"region": ["de"], "shoe size": ["44"]})
    await agency.attributes.change(ada, eve.id, {"region": ["fr", "es"]})
    await split(agency, ada, rule=SplitRule("countries", "region"), to=addresses("ada", "bob", "eve"))
    sent = await send(agency, ada)
    assert received(agency) == {"bob": (["de"], 2), "eve": (["es", "fr"], 4)}
    assert (sent.state, str(sent.reason)) == (
        OccurrenceState.SENT, "One recipient got nothing; their row says why.",
    )  # fmt: skip
    assert (await told(agency, ada, sent))["Ada"] == ("-", "No value is written down for them.")


async def test_a_part_with_nothing_in_it_and_a_value_no_source_knows_go_to_nobody_and_are_said(
    agency: Agency, ada: Principal
):
    agency.sell(LEFT, "old", country="it", ago=timedelta(days=60))
    agency.sell(LEFT, "new", country="pt")
    await split(agency, ada, lines(ada="fr atlantis", bob="it", eve="mu"))
    sent = await send(agency, ada)
    assert received(agency) == {"ada": (["fr"], 3)}
    assert await told(agency, ada, sent) == {
        "atlantis fr": ("sent", "No source knows atlantis."),
        "it": ("withheld", "There is nothing in it."),
        "mu": ("withheld", "No source knows mu."),
    }
    assert (sent.state, str(sent.reason)) == (
        OccurrenceState.SENT,
        "Of 3 parts 2 were not sent, or not to everybody; their rows say why.",
    )


async def test_what_would_not_be_sent_is_said_before_it_is_saved(agency: Agency, ada: Principal):
    saved = await split(agency, ada, lines(ada="fr", bob="mu"))
    draft = ScheduleDraft(
        saved.report, NINE, to=addresses("ada", "bob", "eve"), split=TABLE, table=lines(ada="fr mu", bob="mu")
    )
    preview = await agency.schedules.preview(ada, draft, schedule=saved.id)
    seen = [(one.recipient.name, one.values, str(one.reason), str(one.remark)) for one in preview.recipients]
    assert seen == [
        ("Ada", ("fr", "mu"), "None", "No source knows mu."),
        ("Bob", ("mu",), "No source knows mu.", "No source knows mu."),
        ("Eve", (), "No value is written down for them.", "None"),
    ]  # fmt: skip


async def test_no_part_goes_beyond_what_the_report_shows(agency: Agency, ada: Principal):
    await split(agency, ada, lines(ada="fr es", bob="de"), parameters={"countries": ["fr", "de"]})
    sent = await send(agency, ada)
    assert received(agency) == {"ada": (["fr"], 3), "bob": (["de"], 2)}
    assert sent.state is OccurrenceState.SENT


async def test_an_address_written_twice_in_whatever_letters_is_one_recipient(agency: Agency, ada: Principal):
    table = (RecipientValues("BOB@Example.org", ("fr",)), RecipientValues("bob@example.org ", ("de",)))
    saved = await split(agency, ada, table)
    assert saved.table == (RecipientValues("bob@example.org", ("de", "fr")),)
    await send(agency, ada)
    assert received(agency) == {"bob": (["de", "fr"], 5)}


async def test_what_was_written_for_an_address_follows_it_to_nobody_else(agency: Agency, ada: Principal):
    await split(agency, ada, lines(bob="fr", eve="de"))
    # Bob and Eve change addresses: whose values are whose only people know.
    bob, eve = await Person.get(name="Bob"), await Person.get(name="Eve")
    await Person.filter(id=bob.id).update(email="free@example.org")
    await Person.filter(id=eve.id).update(email="bob@example.org")
    await Person.filter(id=bob.id).update(email="eve@example.org")
    sent = await send(agency, ada)
    assert received(agency) == {}
    assert sent.state is OccurrenceState.FAILED
    assert (await told(agency, ada, sent))["Bob"][1].startswith(
        "Their values were written for bob@example.org"
    )


async def test_an_address_changed_while_the_part_is_built_gets_nothing_of_it(agency: Agency, ada: Principal):
    await split(agency, ada, lines(bob="fr", eve="de"))
    agency.set_clock(2026, 3, 10, 13)
    await agency.due.tick()
    await Person.filter(name="Bob").update(email="robert@example.org")
    await agency.work()
    (sent,) = [one for one in await agency.told(ada) if one.state != OccurrenceState.PLANNED]
    assert received(agency) == {"eve": (["de"], 2)}
    assert (await told(agency, ada, sent))["fr"] == ("withheld", "There was nobody to send it to.")


async def test_a_table_edited_between_a_run_and_its_dispatch_changes_nothing_that_has_begun(
    agency: Agency, ada: Principal
):
    saved = await split(agency, ada, lines(bob="fr", eve="de"))
    agency.set_clock(2026, 3, 10, 13)
    await agency.due.tick()
    exchanged = ScheduleDraft(saved.report, NINE, split=TABLE, table=lines(bob="de", eve="fr"))
    await agency.schedules.edit(ada, saved.id, exchanged, version=saved.version)
    await agency.work()
    assert received(agency) == {"bob": (["fr"], 3), "eve": (["de"], 2)}


async def test_nobody_gets_the_whole_because_a_change_leaves_the_split_out(agency: Agency, ada: Principal):
    saved = await split(agency, ada, lines(bob="fr", eve="de"))
    left_out = ScheduleDraft(saved.report, NINE, delivery=HTML)
    for attempt in (
        agency.schedules.edit(ada, saved.id, left_out, version=saved.version),
        agency.schedules.preview(ada, left_out, schedule=saved.id),
    ):
        with pytest.raises(Invalid, match="Each recipient gets their part of it") as error:
            await attempt
        assert error.value.path == ("to",)
    whole = ScheduleDraft(saved.report, NINE, to=addresses("ada"), delivery=HTML)
    changed = await agency.schedules.edit(ada, saved.id, whole, version=saved.version)
    assert (changed.split, [one.name for one in changed.recipients]) == (None, ["Ada"])


async def test_who_was_taken_off_the_schedule_meanwhile_gets_nothing(agency: Agency, ada: Principal):
    saved = await split(agency, ada, lines(bob="fr", eve="de"))
    agency.set_clock(2026, 3, 10, 13)
    await agency.due.tick()
    without = ScheduleDraft(saved.report, NINE, to=addresses("eve"), split=TABLE, table=lines(eve="de"))
    await agency.schedules.edit(ada, saved.id, without, version=saved.version)
    await agency.work()
    assert received(agency) == {"eve": (["de"], 2)}


async def test_a_corrected_entry_of_the_address_book_keeps_its_attribute_and_confirms_anew(
    agency: Agency, ada: Principal
):
    entry = await agency.address_book.add(ada, RecipientDraft("zoe@client.example", "Zoe"))
    await RecipientRow.filter(id=entry.id).update(confirmed_at=agency.clock.now())
    await agency.attributes.change(ada, entry.id, {"region": ["es"]})
    await split(
        agency, ada, rule=SplitRule("countries", "region"), to=("zoe@client.example", "ada@example.org")
    )
    await agency.address_book.edit(ada, entry.id, RecipientDraft("zoe@new.example", "Zoe"))
    await send(agency, ada)
    (row,) = await DeliveryRow.filter(recipient=entry.id, sending__run__isnull=False)
    assert (row.address, row.state, agency.post.taken) == ("zoe@new.example", "withheld", [])


async def test_a_condition_is_asked_of_each_part(agency: Agency, ada: Principal):
    above = SendCondition(SendConditionKind.ABOVE, "ordered", 2)
    await split(agency, ada, lines(ada="fr", bob="de"), condition=above)
    sent = await send(agency, ada)
    assert received(agency) == {"ada": (["fr"], 3)}
    assert (await told(agency, ada, sent))["de"][0] == "withheld"


async def test_changed_means_since_the_last_copy_of_the_same_part(agency: Agency, ada: Principal):
    changed = SendCondition(SendConditionKind.CHANGED)
    saved = await split(agency, ada, lines(ada="fr", bob="de"), condition=changed)
    await send(agency, ada)
    agency.post.taken.clear()
    agency.sell(LEFT, "de9", country="de", ago=timedelta(0))
    for number in range(3):
        agency.sell(LEFT, f"fr{number}+", country="fr", ago=timedelta(0))
    agency.set_clock(2026, 3, 11, 13)
    await agency.due.tick()
    await agency.work()
    # France sold three again, which is what its last copy says.
    assert received(agency) == {"bob": (["de"], 1)}
    (second,) = [one for one in await agency.told(ada, saved.id) if one.nominal.startswith("2026-03-11")]
    assert (await told(agency, ada, second))["fr"] == ("withheld", "Nothing has changed since the last copy.")


async def test_what_failed_is_sent_again_to_whose_it_is_with_the_bytes_of_their_part(
    agency: Agency, ada: Principal
):
    await split(agency, ada, lines(ada="fr", bob="de", eve="es"))
    agency.post.answers = {"bob@example.org": DeliveryStatus.REFUSED}
    sent = await send(agency, ada)
    assert (sent.state, sent.reached) == (OccurrenceState.INCOMPLETE, 2)
    agency.post.answers = {}
    for _click in range(2):
        await agency.resends.resend_failed(ada, sent.id, "again")
        await agency.work()
    assert received(agency) == {"ada": (["fr"], 3), "bob": (["de"], 2), "eve": (["es"], 1)}
    assert (await agency.occurrences.get(ada, sent.id)).state is OccurrenceState.SENT
    assert await SendingRow.filter(resend_of__isnull=False).count() == 1


async def test_a_part_that_could_not_be_built_is_built_again_as_of_the_same_moment(
    agency: Agency, ada: Principal
):
    await split(agency, ada, lines(ada="fr", bob="de"))
    agency.set_clock(2026, 3, 10, 13)
    await agency.due.tick()
    first, second = await agency.began()
    await agency.jobs.cancel(first.id)
    await agency.work()
    (sent,) = [one for one in await agency.told(ada) if one.state != OccurrenceState.PLANNED]
    assert (sent.state, len(agency.post.taken)) == (OccurrenceState.INCOMPLETE, 1)
    agency.clock.move(timedelta(hours=1))
    agency.sell(LEFT, "late", country="fr")
    agency.sell(LEFT, "late too", country="de")
    await agency.resends.resend_failed(ada, sent.id, "again")
    await agency.work()
    assert {total for _to, total in received(agency).values()} == {3, 2}
    assert (await agency.occurrences.get(ada, sent.id)).state is OccurrenceState.SENT
    assert second.id != first.id


async def test_the_part_that_is_sent_to_oneself_is_ones_own_or_the_one_that_is_chosen(
    agency: Agency, ada: Principal
):
    await split(agency, ada, lines(bob="de", eve="es"))
    sent = await send(agency, ada)
    agency.post.taken.clear()
    with pytest.raises(Conflict, match="Choose which of its parts you want"):
        await agency.resends.resend_to_me(ada, sent.id, "one")
    parts = (await agency.occurrences.parts(ada, sent.id)).parts
    chosen = next(one for one in parts if one.values == ("es",))
    await agency.resends.resend_to_me(ada, sent.id, "two", chosen.id)
    await agency.work()
    assert received(agency) == {"ada": (["es"], 1)}


async def test_an_approver_sees_every_part_at_once_and_each_leaves_as_it_was_seen(
    agency: Agency, ada: Principal
):
    kim = await agency.person("Kim", {LEFT: "guest"})
    assert kim.person is not None
    await split(agency, ada, lines(ada="fr", bob="de", eve="mu"), approval=ApprovalRule(kim.person))
    held = await send(agency, ada)
    if held.state is not OccurrenceState.WAITING:
        agency.clock.move(timedelta(seconds=10))
        await agency.work()
        held = await agency.occurrences.get(ada, held.id)
    assert (held.state, agency.post.taken) == (OccurrenceState.WAITING, [])
    package = await agency.approvals.package(kim, held.id)
    runs = {one.values: one.run for one in package.parts.parts}
    assert {(one.to, one.run) for one in package.letters} == {
        (("Ada",), runs[("fr",)]), (("Bob",), runs[("de",)]),
    }  # fmt: skip
    assert len({one.sha256 for one in package.files}) == 2
    await agency.approvals.approve(kim, held.id, package.digest)
    await agency.work()
    agency.clock.move(timedelta(minutes=1))
    await agency.work()
    assert received(agency) == {"ada": (["fr"], 3), "bob": (["de"], 2)}
    assert (await agency.occurrences.get(ada, held.id)).state is OccurrenceState.SENT


async def test_a_test_is_of_ones_own_part(agency: Agency, ada: Principal):
    saved = await split(agency, ada, lines(ada="de", bob="fr"))
    await agency.resends.send_test(ada, saved.id, "try")
    await agency.work()
    assert received(agency) == {"ada": (["de"], 2)}


async def test_nothing_of_a_deleted_schedule_is_sent_of_any_part(agency: Agency, ada: Principal):
    saved = await split(agency, ada, lines(ada="fr", bob="de"))
    agency.set_clock(2026, 3, 10, 13)
    await agency.due.tick()
    await agency.schedules.delete(ada, saved.id)
    await agency.work()
    states = {one.state for one in await agency.told(ada)}
    assert (agency.post.taken, states) == ([], {OccurrenceState.CANCELLED})


async def test_what_cannot_be_split_or_is_not_written_down_is_refused(agency: Agency, ada: Principal):
    for rule, table, said in (
        (SplitRule("title"), lines(ada="fr"), "cannot be split by title; choose from countries"),
        (TABLE, (), "Write down at least one recipient and a value"),
        (TABLE, (RecipientValues("nobody@example.org", ("fr",)),), "nobody@example.org is neither a person"),
    ):
        with pytest.raises(Invalid, match=said):
            await split(agency, ada, table, rule)
    report = await agency.report(ada)
    with pytest.raises(Invalid, match="has no filter that it could be split by"):
        await agency.schedules.create(ada, ScheduleDraft(report.id, NINE, split=TABLE, table=lines(ada="fr")))


async def test_a_member_who_may_send_to_themselves_alone_cannot_name_others_in_a_table(
    agency: Agency, ada: Principal
):
    await Membership.filter(person_id=ada.person).update(role="member")
    alone = await agency.actor(ada.person)
    with pytest.raises(Forbidden):
        await split(agency, alone, lines(bob="fr"))


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("a@x.org,fr;de\nB@x.org,es\n", (("a@x.org", "de fr"), ("b@x.org", "es"))),
        ("\ufeffAdresse;Valeur\r\na@x.org;fr;de\r\n", (("a@x.org", "de fr"),)),
        ('address\tvalue\na@x.org\t"fr"\n\n', (("a@x.org", "fr"),)),
        ("a@x.org,fr\nA@X.org,de", (("a@x.org", "de fr"),)),
    ],
)
def test_a_table_is_read_from_csv(text: str, table: tuple[tuple[str, str], ...]):
    assert read_table(text) == tuple(
        RecipientValues(address, tuple(values.split())) for address, values in table
    )


def test_a_line_without_an_address_is_said_with_its_number():
    with pytest.raises(Invalid, match="Line 2: Paris is no address"):
        read_table("a@x.org,fr\nParis,fr")


def test_a_quotation_mark_that_is_not_closed_takes_no_line_into_its_cell():
    with pytest.raises(Invalid, match="Line 2: a quotation mark is not closed") as error:
        read_table('a@x.org,fr\nb@x.org,"de\nc@x.org,es\n')
    assert error.value.path == ("values",)


@pytest.mark.parametrize("address", ["", "  ", f"{'a' * 320}@x.org", "a\0@x.org"])
async def test_values_without_an_address_that_there_can_be_are_refused(
    agency: Agency, ada: Principal, address: str
):
    table = (RecipientValues("ada@example.org", ("fr",)), RecipientValues(address, ("de",)))
    with pytest.raises(Invalid, match="is no address; write one beside its values") as error:
        await split(agency, ada, table, to=("ada@example.org",))
    assert error.value.path == ("values",)
