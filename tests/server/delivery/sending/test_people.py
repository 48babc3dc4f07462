"""Who may send to whom: people of the workspace, by their roles, and by what they may still do then."""

from __future__ import annotations

import pytest

from bilan.accounts import Permission, SourceRole
from bilan.accounts.values import WorkspaceRole
from bilan.delivery import DeliveryState
from bilan.delivery.models import SendingRow
from bilan.sdk.errors import Forbidden, Invalid, NotFound
from fixtures.mailing import Mailing
from fixtures.smtp import Sink
from support.posting import OLGA, built, ledger, sent, to, worked


@pytest.mark.requirement("BZ-21", "AP-18")
async def test_an_address_that_nobody_wrote_down_is_refused_with_the_reason(mailing: Mailing, sink: Sink):
    run = await built(mailing)
    with pytest.raises(Invalid) as caught:
        await sent(mailing, run, to(OLGA, "someone@elsewhere.example"))
    assert str(caught.value) == (
        "someone@elsewhere.example is neither a person of this workspace nor in its address book; "
        "add them there first."
    )
    assert caught.value.path == ("to",)
    assert await SendingRow.all().count() == 0
    assert sink.tried == []


@pytest.mark.parametrize(
    "address",
    ["olga@example.org\r\nBcc: eve@elsewhere.example", "olga@example.org,eve@elsewhere.example", "", " "],
)
async def test_an_address_that_hides_another_is_refused(mailing: Mailing, sink: Sink, address: str):
    run = await built(mailing)
    with pytest.raises(Invalid):
        await sent(mailing, run, to(address))
    assert sink.tried == []


@pytest.mark.requirement("DC-02")
async def test_a_member_sends_to_themselves_alone_and_managers_to_everybody(mailing: Mailing, sink: Sink):
    zoe = await mailing.person("Zoe", shop=SourceRole.GUEST, lab=SourceRole.GUEST)
    await mailing.person("Yan", role=WorkspaceRole.MEMBER)
    run = await built(mailing)
    deliveries = mailing.bilan.services.deliveries
    assert [one.name for one in await deliveries.eligible(zoe, run.id)] == ["Zoe"]
    with pytest.raises(Forbidden) as caught:
        await deliveries.send_run(zoe, run.id, to(OLGA))
    assert str(caught.value) == (
        "Sending a report to somebody else takes one of these roles in the workspace: owner, admin."
    )
    own = await deliveries.send_run(zoe, run.id, to("zoe@example.org"))
    await worked(mailing.bilan, own.run.id)
    assert sink.mail_to("zoe@example.org")["Subject"]
    # Whoever receives needs no role on a source.
    await sent(mailing, run, to("yan@example.org"))
    assert sink.mail_to("yan@example.org")["Subject"]


async def test_who_may_not_read_all_of_it_can_not_send_it(mailing: Mailing):
    zoe = await mailing.person("Zoe", shop=SourceRole.ADMIN)
    run = await built(mailing)
    with pytest.raises(NotFound):
        await mailing.bilan.services.deliveries.send_run(zoe, run.id, to("zoe@example.org"))


async def test_a_recipient_who_left_meanwhile_gets_nothing(mailing: Mailing, sink: Sink):
    zoe = await mailing.person("Zoe")
    run = await built(mailing)
    services = mailing.bilan.services
    sending = await services.deliveries.send_run(mailing.owner, run.id, to("zoe@example.org"))
    assert zoe.person is not None
    await services.accounts.deactivate(mailing.owner, zoe.person)
    await worked(mailing.bilan, sending.run.id)
    row = (await ledger(mailing, run))["zoe@example.org"]
    assert (row.state, str(row.reason)) == (
        DeliveryState.REFUSED, "zoe@example.org no longer belongs to a person of this workspace.",
    )  # fmt: skip
    assert sink.tried == []


async def test_a_sender_who_lost_a_right_meanwhile_sends_nothing(mailing: Mailing, sink: Sink):
    zoe = await mailing.person("Zoe", shop=SourceRole.GUEST, lab=SourceRole.GUEST)
    run = await built(mailing)
    services = mailing.bilan.services
    sending = await services.deliveries.send_run(zoe, run.id, to("zoe@example.org"))
    assert zoe.person is not None
    await services.sources.grant(mailing.owner, mailing.lab.id, zoe.person, None)
    await worked(mailing.bilan, sending.run.id)
    row = (await ledger(mailing, run))["zoe@example.org"]
    assert row.state is DeliveryState.REFUSED
    assert str(row.reason).startswith("Sending a report takes one of these roles on every source")
    assert sink.tried == []


async def test_a_report_about_persons_goes_to_those_alone_who_may_see_them(mailing: Mailing, sink: Sink):
    from bilan.work.models import JobRow

    await mailing.person("Zoe")
    await mailing.person("Yan", permissions=(Permission.EXPORT_CONTACT_DATA,))
    run = await built(mailing)
    await JobRow.filter(id=run.id).update(personal=True)
    deliveries = mailing.bilan.services.deliveries
    assert [one.name for one in await deliveries.eligible(mailing.owner, run.id)] == ["Olga", "Yan"]
    with pytest.raises(Invalid) as caught:
        await sent(mailing, run, to("zoe@example.org"))
    assert str(caught.value) == (
        "This report shows rows about single persons, and Zoe lacks the permission export_contact_data."
    )
    await sent(mailing, run, to("yan@example.org"))
    assert len(sink.taken) == 1
