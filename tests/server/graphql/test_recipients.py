"""Recipients in GraphQL: the address book, its rules and what is put aside, for whoever may manage them."""

from __future__ import annotations

from uuid import uuid4

import pytest

from bilan.accounts import WorkspaceRole
from bilan.delivery.models import SendingRow
from bilan.recipients.models import RecipientRow
from fixtures.bilan import Query
from fixtures.mailing import Mailing

ADD = """mutation ($zoe: RecipientInput!) {
  addRecipient(recipient: $zoe) { id kind address firstName lastName language zone state addedBy }
}"""
ZOE = {"address": "Zoe@Client.example", "firstName": "Zoé", "lastName": "Überfall", "language": "fr"}
RULES = """mutation ($rules: RecipientRulesInput!) {
  setRecipientRules(rules: $rules) { domains audiences { kind audience } firstEmail }
}"""


@pytest.mark.requirement("AP-41", "AP-24")
async def test_a_recipient_is_added_found_asked_corrected_and_erased(mailing: Mailing, asking: Query) -> None:
    added = (await asking(ADD, mailing.owner, {"zoe": ZOE})).data["addRecipient"]
    ident = added.pop("id")
    assert added == {
        "kind": "EXTERNAL", "address": "zoe@client.example", "firstName": "Zoé", "lastName": "Überfall",
        "language": "fr", "zone": None, "state": "NEW", "addedBy": "Olga",
    }  # fmt: skip
    twice = await asking(ADD, mailing.owner, {"zoe": ZOE})
    assert twice.errors[0].extensions["code"] == "conflict"

    asked = await asking(
        "mutation ($id: ID!) { askRecipient(id: $id) { state askedAt askedUntil } }",
        mailing.owner, {"id": ident},
    )  # fmt: skip
    assert asked.data["askRecipient"]["state"] == "WAITING"
    assert await SendingRow.all().count() == 1

    corrected = await asking(
        "mutation ($id: ID!, $zoe: RecipientInput!) {"
        " editRecipient(id: $id, recipient: $zoe) { address state } }",
        mailing.owner, {"id": ident, "zoe": {**ZOE, "address": "zoe@new.example"}},
    )  # fmt: skip
    assert corrected.data["editRecipient"] == {"address": "zoe@new.example", "state": "NEW"}

    found = await asking(
        '{ recipients(words: "uberf NEW") { totalCount nodes { address } } }', mailing.owner, {}
    )
    assert found.data["recipients"] == {"totalCount": 1, "nodes": [{"address": "zoe@new.example"}]}
    person = await asking(
        "query ($id: ID!) { recipient(id: $id) { kind state firstName } }",
        mailing.owner, {"id": str(mailing.owner.person)},
    )  # fmt: skip
    assert person.data["recipient"] == {"kind": "PERSON", "state": "CONFIRMED", "firstName": "Olga"}

    erased = await asking("mutation ($id: ID!) { eraseRecipient(id: $id) }", mailing.owner, {"id": ident})
    assert erased.data == {"eraseRecipient": True}
    assert await RecipientRow.all().count() == 0


@pytest.mark.requirement("AP-18")
async def test_rules_are_replaced_and_read(mailing: Mailing, asking: Query) -> None:
    rules = {
        "domains": ["Client.example"], "audiences": [{"kind": "email.campaign", "audience": "PEOPLE"}],
        "firstEmail": "WITH_REPORT",
    }  # fmt: skip
    changed = (await asking(RULES, mailing.owner, {"rules": rules})).data["setRecipientRules"]
    assert changed == {**rules, "domains": ["client.example"]}
    question = "{ recipientRules { domains audiences { kind audience } firstEmail } }"
    read = await asking(question, mailing.owner)
    assert read.data["recipientRules"] == changed
    elsewhere = await asking(ADD, mailing.owner, {"zoe": {**ZOE, "address": "zoe@elsewhere.example"}})
    assert elsewhere.errors[0].extensions["code"] == "invalid"


async def test_suppressions_are_read_in_pages(mailing: Mailing, asking: Query) -> None:
    for number in range(3):
        await mailing.bilan.services.suppressions.add(mailing.owner.workspace, f"{number}@client.example", "")
    question = """query ($after: String) {
      suppressions(first: 2, after: $after) {
        totalCount nodes { address } pageInfo { hasNextPage endCursor }
      }
    }"""
    first = (await asking(question, mailing.owner, {})).data["suppressions"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    after = {"after": first["pageInfo"]["endCursor"]}
    second = (await asking(question, mailing.owner, after)).data["suppressions"]
    assert (len(second["nodes"]), second["pageInfo"]["hasNextPage"]) == (1, False)
    seen = {one["address"] for one in (*first["nodes"], *second["nodes"])}
    assert seen == {f"{number}@client.example" for number in range(3)}


@pytest.mark.requirement("GO-18")
async def test_recipients_are_imported_and_refused_rows_are_named(mailing: Mailing, asking: Query) -> None:
    take = """mutation ($csv: String!) {
      importRecipients(csv: $csv) { added changed unchanged attributes refused { line address reason } }
    }"""
    table = "address,first name,profiles\nzoe@client.example,Zoé,Acme;Acme Japan\nzoe,,Acme\n"
    taken = (await asking(take, mailing.owner, {"csv": table})).data["importRecipients"]
    said = "zoe is no e-mail address; write one like name@example.org."
    assert taken == {
        "added": 1, "changed": 0, "unchanged": 0, "attributes": ["profiles"],
        "refused": [{"line": 3, "address": "zoe", "reason": said}],
    }  # fmt: skip
    read = "{ recipients { nodes { address firstName formats attributes { name values } } } }"
    assert (await asking(read, mailing.owner)).data["recipients"]["nodes"] == [
        {
            "address": "zoe@client.example", "firstName": "Zoé", "formats": None,
            "attributes": [{"name": "profiles", "values": ["Acme", "Acme Japan"]}],
        }
    ]  # fmt: skip


@pytest.mark.requirement("GO-11")
async def test_suppressions_are_read_and_lifted(mailing: Mailing, asking: Query) -> None:
    suppressions = mailing.bilan.services.suppressions
    await suppressions.add(mailing.owner.workspace, "gone@client.example", "550 5.1.1 no such user")
    read = (await asking("{ suppressions { nodes { id address answer } } }", mailing.owner)).data[
        "suppressions"
    ]["nodes"]
    assert [(one["address"], one["answer"]) for one in read] == [
        ("gone@client.example", "550 5.1.1 no such user")
    ]
    lifted = await asking(
        "mutation ($id: ID!) { liftSuppression(id: $id) }", mailing.owner, {"id": read[0]["id"]}
    )
    assert lifted.data == {"liftSuppression": True}
    assert (await asking("{ suppressions { totalCount } }", mailing.owner)).data == {
        "suppressions": {"totalCount": 0}
    }


async def test_a_recipient_has_files_of_their_own(mailing: Mailing, asking: Query) -> None:
    add = "mutation ($zoe: RecipientInput!) { addRecipient(recipient: $zoe) { formats } }"
    zoe = {**ZOE, "formats": ["csv", "pdf", "csv"]}
    added = (await asking(add, mailing.owner, {"zoe": zoe})).data["addRecipient"]
    assert added == {"formats": ["csv", "pdf"]}
    wrong = await asking(add, mailing.owner, {"zoe": {**ZOE, "address": "a@b.example", "formats": ["doc"]}})
    assert wrong.errors[0].message.startswith("doc is no format here; choose from csv")


async def test_members_manage_no_recipients(mailing: Mailing, asking: Query) -> None:
    bob = await mailing.person("Bob", role=WorkspaceRole.MEMBER)
    none = {"domains": [], "audiences": [], "firstEmail": "CONFIRMATION"}
    for question in (
        "{ recipients { totalCount } }", "{ recipientRules { domains } }", "{ suppressions { totalCount } }",
        f'{{ recipient(id: "{uuid4()}") {{ address }} }}',
        f'mutation {{ askRecipient(id: "{uuid4()}") {{ state }} }}',
        f'mutation {{ eraseRecipient(id: "{uuid4()}") }}',
        f'mutation {{ liftSuppression(id: "{uuid4()}") }}',
        'mutation { importRecipients(csv: "address") { added } }',
        'mutation { addRecipient(recipient: {address: "a@b.example"}) { id } }',
        "mutation ($rules: RecipientRulesInput!) { setRecipientRules(rules: $rules) { firstEmail } }",
    ):  # fmt: skip
        refused = await asking(question, bob, {"rules": none} if "$rules" in question else {})
        assert refused.errors[0].extensions["code"] == "forbidden", question
