"""Whom somebody may pick: by their own role, by the report's kind, and by the rules of the workspace."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest

from bilan.accounts.models import Person
from bilan.accounts.values import Permission, PersonPrincipal, WorkspaceRole
from bilan.recipients import (
    Audience,
    FirstEmail,
    RecipientDraft,
    RecipientInfo,
    RecipientRules,
    RecipientState,
)
from bilan.recipients.models import RecipientRow
from bilan.sdk.errors import Forbidden, Invalid
from support.correspondence import CUSTOMERS, NOON, SALES_KIND, Correspondence

EXPORT = Permission.EXPORT_CONTACT_DATA
TO_OTHERS = "Sending a report to somebody else takes one of these roles in the workspace: owner, admin."


def names(found: Iterable[RecipientInfo]) -> list[str]:
    return [one.name for one in found]


@pytest.fixture
async def zoe(letters: Correspondence, olga: PersonPrincipal) -> RecipientInfo:
    return await letters.book.add(olga, RecipientDraft("zoe@client.example", "Zoé", "Überfall"))


@pytest.mark.requirement("AP-17", "AP-21", "AP-28", "DC-02")
async def test_everybody_of_the_workspace_can_be_chosen_whatever_their_role(
    letters: Correspondence, olga: PersonPrincipal, zoe: RecipientInfo
):
    for name, role in (("Ben", WorkspaceRole.MEMBER), ("Ada", WorkspaceRole.ADMIN)):
        await letters.person(name, role)
    await letters.person("Lea", active=False)
    found = await letters.eligible(olga, SALES_KIND)
    assert names(found) == ["Ada", "Ben", "Olga", "Zoé Überfall"]
    assert [one.state for one in found] == [*[RecipientState.CONFIRMED] * 3, RecipientState.NEW]


@pytest.mark.requirement("AP-23", "DC-02")
async def test_a_member_can_choose_themselves_alone(
    letters: Correspondence, olga: PersonPrincipal, zoe: RecipientInfo
):
    mia = await letters.person("Mia")
    assert names(await letters.eligible(mia, SALES_KIND)) == ["Mia"]
    own = await letters.chosen(mia, mia.email)
    assert names(own) == ["Mia"]
    for others in ([olga.email], [mia.email, olga.email], [zoe.address]):
        with pytest.raises(Forbidden) as refused:
            await letters.chosen(mia, *others)
        assert str(refused.value) == TO_OTHERS


@pytest.mark.requirement("AP-20", "AP-22", "AP-24")
async def test_one_recipient_at_least_and_as_many_as_wanted(letters: Correspondence, olga: PersonPrincipal):
    for nobody in ([], ["", "  "]):
        with pytest.raises(Invalid) as refused:
            await letters.chosen(olga, *nobody)
        assert (str(refused.value), refused.value.path) == ("Choose at least one recipient.", ("to",))
    many = [RecipientRow(workspace_id=olga.workspace, address=f"r{number:03}@client.example",
                         added_by_name="Olga", created_at=NOON) for number in range(300)]  # fmt: skip
    await RecipientRow.bulk_create(many)
    people = [await letters.person(f"P{number}") for number in range(20)]
    wanted = [*(one.address for one in many), *(one.email for one in people)]
    found = await letters.chosen(olga, *wanted, wanted[0].upper())
    assert [one.address for one in found] == wanted


@pytest.mark.requirement("BZ-21", "AP-18")
async def test_reports_about_single_persons_go_to_people_who_may_see_them_unless_the_workspace_says_otherwise(
    letters: Correspondence, zoe: RecipientInfo
):
    ada = await letters.person("Ada", WorkspaceRole.ADMIN, [EXPORT])
    await letters.person("Ben")
    assert names(await letters.eligible(ada, CUSTOMERS, personal=True)) == ["Ada"]
    with pytest.raises(Invalid) as refused:
        await letters.chosen(ada, zoe.address, kind=CUSTOMERS, personal=True)
    assert (str(refused.value), refused.value.path) == (
        "Reports of this kind go to people of the workspace alone, not to zoe@client.example.", ("to",),
    )  # fmt: skip
    with pytest.raises(Invalid) as refused:
        await letters.chosen(ada, "ben@acme.example", kind=CUSTOMERS, personal=True)
    assert str(refused.value) == (
        "This report shows rows about single persons, and Ben lacks the permission export_contact_data."
    )
    anyone = {CUSTOMERS: Audience.ANYONE}
    for _click in range(2):
        await letters.rules.change(ada, domains=(), audiences=anyone, first_email=FirstEmail.CONFIRMATION)
    found = await letters.chosen(ada, zoe.address, kind=CUSTOMERS, personal=True)
    assert names(found) == ["Zoé Überfall"]


@pytest.mark.requirement("BZ-21")
async def test_a_kind_can_be_kept_within_the_workspace(
    letters: Correspondence, olga: PersonPrincipal, zoe: RecipientInfo
):
    people = {SALES_KIND: Audience.PEOPLE}
    await letters.rules.change(olga, domains=(), audiences=people, first_email=FirstEmail.CONFIRMATION)
    assert names(await letters.eligible(olga, SALES_KIND)) == ["Olga"]
    with pytest.raises(Invalid):
        await letters.chosen(olga, zoe.address, scheduled=True)


@pytest.mark.requirement("BZ-21", "DC-03")
async def test_who_may_not_see_single_persons_cannot_send_them_outside_by_a_rule(
    letters: Correspondence, olga: PersonPrincipal
):
    with pytest.raises(Forbidden) as refused:
        await letters.rules.change(
            olga, domains=(), audiences={CUSTOMERS: Audience.ANYONE}, first_email=FirstEmail.CONFIRMATION
        )
    assert str(refused.value) == (
        "This shows rows about single persons and takes the permission export_contact_data."
    )
    assert await letters.rules.get(olga) == RecipientRules()


async def test_addresses_of_other_domains_are_refused_when_added_and_when_chosen(
    letters: Correspondence, olga: PersonPrincipal, zoe: RecipientInfo
):
    changed = await letters.rules.change(
        olga, domains=["@Partner.example", "bücher.example", "partner.example"], audiences={},
        first_email=FirstEmail.WITH_REPORT,
    )  # fmt: skip
    assert changed == RecipientRules(
        ("partner.example", "bücher.example"), {}, FirstEmail.WITH_REPORT,
    )  # fmt: skip
    sentence = (
        "Reports of this workspace go to addresses of these domains alone: partner.example, bücher.example."
    )
    for attempt in (
        letters.book.add(olga, RecipientDraft("ben@client.example")),
        letters.book.add(olga, RecipientDraft("ben@mail.partner.example")),
        # What stands before the sign is no host, however it is written.
        letters.book.add(olga, RecipientDraft("//partner.example/@client.example")),
        letters.chosen(olga, zoe.address, scheduled=True),
    ):
        with pytest.raises(Invalid) as refused:
            await attempt
        assert str(refused.value) == sentence
    assert names(await letters.eligible(olga, SALES_KIND)) == ["Olga"]
    assert (
        await letters.book.add(olga, RecipientDraft("Ben@PARTNER.example"))
    ).address == "ben@partner.example"
    # People of the workspace have whatever address they have.
    assert await letters.chosen(olga, olga.email)


@pytest.mark.parametrize("domain", ["exa mple", "client..example", "a@b@c", "x.example\r\nBcc: y", "-.b"])
async def test_what_is_no_domain_is_refused(letters: Correspondence, olga: PersonPrincipal, domain: str):
    with pytest.raises(Invalid) as refused:
        await letters.rules.change(olga, domains=[domain], audiences={}, first_email=FirstEmail.CONFIRMATION)
    assert str(refused.value) == f"{domain} is no domain; write one like example.org."
    assert refused.value.path == ("domains",)


async def test_rules_are_managers_and_name_kinds_that_there_are(
    letters: Correspondence, olga: PersonPrincipal
):
    mia = await letters.person("Mia")
    with pytest.raises(Forbidden):
        await letters.rules.get(mia)
    with pytest.raises(Forbidden):
        await letters.rules.change(mia, domains=(), audiences={}, first_email=FirstEmail.CONFIRMATION)
    with pytest.raises(Invalid):
        await letters.rules.change(
            olga, domains=(), audiences={"no.kind": Audience.ANYONE}, first_email=FirstEmail.CONFIRMATION
        )


async def test_an_address_that_nobody_has_is_refused_with_what_to_do(
    letters: Correspondence, olga: PersonPrincipal
):
    with pytest.raises(Invalid) as refused:
        await letters.chosen(olga, "eve@evil.example")
    assert str(refused.value) == (
        "eve@evil.example is neither a person of this workspace nor in its address book; "
        "add them there first."
    )


async def test_nobody_of_another_workspace_can_be_chosen(
    letters: Correspondence, olga: PersonPrincipal, zoe: RecipientInfo
):
    await letters.begin("Other")
    eva = await letters.person("Eva", WorkspaceRole.OWNER)
    for address in (zoe.address, "olga@acme.example"):
        with pytest.raises(Invalid):
            await letters.chosen(eva, address)


async def test_what_is_sent_at_once_says_who_will_not_get_it_and_why(
    letters: Correspondence, olga: PersonPrincipal, zoe: RecipientInfo
):
    async def refusal(address: str = zoe.address) -> str:
        with pytest.raises(Invalid) as refused:
            await letters.chosen(olga, address)
        # A schedule may name them all the same: it is asked anew each time.
        return str(refused.value)

    await RecipientRow.filter(id=zoe.id).update(asked_until=NOON - timedelta(days=1))
    assert (
        await refusal() == "zoe@client.example was asked to confirm this address and did not; ask once more."
    )
    await RecipientRow.filter(id=zoe.id).update(confirmed_at=NOON)
    await letters.unsubscriptions.end(olga.workspace, zoe.id)
    assert await refusal() == "zoe@client.example wants no more e-mails."
    await letters.suppressions.add(olga.workspace, zoe.address, "550 no such mailbox")
    assert await refusal() == (
        "The server of zoe@client.example takes nothing for this address: 550 no such mailbox"
    )
    assert names(await letters.chosen(olga, zoe.address, scheduled=True)) == ["Zoé Überfall"]
    await letters.person("Lea", active=False)
    assert "neither a person" in await refusal("lea@acme.example")


@pytest.mark.requirement("AP-27")
async def test_people_who_end_everything_still_get_what_a_colleague_sends_them_by_hand(
    letters: Correspondence, olga: PersonPrincipal
):
    ben = await letters.person("Ben")
    await letters.unsubscriptions.end(olga.workspace, ben.person)
    (found,) = await letters.chosen(olga, "ben@acme.example")
    assert found.state is RecipientState.UNSUBSCRIBED


async def test_a_person_who_joins_with_an_address_of_the_book_is_chosen_as_a_person(
    letters: Correspondence, olga: PersonPrincipal, zoe: RecipientInfo
):
    mia = await letters.person("Mia")
    await Person.filter(id=mia.person).update(email=zoe.address)
    (found,) = await letters.chosen(olga, zoe.address)
    assert found.id == mia.person
