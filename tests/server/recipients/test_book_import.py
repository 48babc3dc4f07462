"""A table of recipients is taken row by row: each whole or refused; once more changes nothing."""

from __future__ import annotations

import asyncio

import pytest

from bilan.accounts.values import PersonPrincipal, WorkspaceRole
from bilan.catalog import Catalog
from bilan.recipients.book_import import decoded
from bilan.recipients.models import RecipientAttributeRow, RecipientRow
from bilan.sdk.errors import Forbidden, Invalid
from support.correspondence import Correspondence

pytestmark = pytest.mark.requirement("AP-18", "GO-18")

TABLE = """Address;First name;Last name;Language;Time zone;profiles;region
Zoe@Client.example;Zoé;Überfall;fr;Asia/Tokyo;"Acme; Acme Japan";North
mia@client.example;Mia;;;;;
"""


async def told(letters: Correspondence, olga: PersonPrincipal, table: str) -> tuple[int, int, int, list[str]]:
    """How many were added, changed and known, and what is said of the others."""
    found = await letters.book_import.take(olga, table)
    refused = [f"{one.line} {one.address}: {one.reason}" for one in found.refused]
    return found.added, found.changed, found.unchanged, refused


async def known() -> list[tuple[str | None, ...]]:
    rows = await RecipientRow.all().order_by("address")
    return [(row.address, row.first_name, row.last_name, row.language, row.zone) for row in rows]


async def test_recipients_are_added_with_their_attributes_and_the_same_table_again_changes_nothing(
    letters: Correspondence, olga: PersonPrincipal
):
    assert await told(letters, olga, TABLE) == (2, 0, 0, [])
    assert await known() == [
        ("mia@client.example", "Mia", "", None, None),
        ("zoe@client.example", "Zoé", "Überfall", "fr", "Asia/Tokyo"),
    ]
    zoe = await RecipientRow.get(address="zoe@client.example")
    assert await letters.attributes.get(olga, zoe.id) == {
        "profiles": ("Acme", "Acme Japan"), "region": ("North",),
    }  # fmt: skip
    before = await RecipientRow.all().order_by("id").values(), await RecipientAttributeRow.all().values()
    assert await told(letters, olga, TABLE) == (0, 0, 2, [])
    after = await RecipientRow.all().order_by("id").values(), await RecipientAttributeRow.all().values()
    assert after == before


async def test_what_a_table_says_otherwise_is_corrected_and_what_it_leaves_empty_stays(
    letters: Correspondence, olga: PersonPrincipal
):
    await told(letters, olga, TABLE)
    corrected = "address,first name,last name,region\nzoe@client.example,,Over,\nmia@client.example,,,South\n"
    assert await told(letters, olga, corrected) == (0, 2, 0, [])
    assert (await known())[1] == ("zoe@client.example", "Zoé", "Over", "fr", "Asia/Tokyo")
    regions = {row.values for row in await RecipientAttributeRow.filter(name="region")}
    assert regions == {("North",), ("South",)}


async def test_each_row_that_cannot_be_taken_is_named_and_leaves_nothing_behind(
    letters: Correspondence, olga: PersonPrincipal
):
    long = "x" * 201
    table = (
        "address,language,time zone,profiles\n"
        "zoe,,,Acme\n"
        "mia@client.example,,Mars,Acme\n"
        f"eve@client.example,,,{long}\n"
        "\n"
        "ann@client.example,fr,,Acme\n"
        "ANN@client.example,de,,Acme\n"
        "olga@acme.example,,,\n"
        ",fr,,\n"
    )
    added, changed, unchanged, refused = await told(letters, olga, table)
    assert (added, changed, unchanged) == (1, 0, 0)
    assert [one.partition(": ")[0] for one in refused] == [
        "2 zoe", "3 mia@client.example", "4 eve@client.example", "7 ANN@client.example",
        "8 olga@acme.example", "9 ",
    ]  # fmt: skip
    assert refused[0].endswith("zoe is no e-mail address; write one like name@example.org.")
    assert refused[1].partition(": ")[2].startswith("Mars is no time zone")
    assert refused[3].endswith("This address stands in line 6 already.")
    assert await known() == [("ann@client.example", "", "", "fr", None)]
    assert await RecipientAttributeRow.all().count() == 1


async def test_a_line_with_more_cells_than_names_is_refused_and_not_cut_off(
    letters: Correspondence, olga: PersonPrincipal
):
    table = "address;profiles\nann@client.example;north;south\nmia@client.example;north\n"
    added, _changed, _unchanged, refused = await told(letters, olga, table)
    assert (added, [one.partition(":")[0] for one in refused]) == (1, ["2 ann@client.example"])
    assert refused[0].endswith("This line has more cells than the first line has names.")


async def test_a_value_that_is_written_twice_is_one_and_a_cell_of_separators_leaves_what_is_known(
    letters: Correspondence, olga: PersonPrincipal
):
    table = "address,profiles\nann@client.example,north;north\n"
    assert await told(letters, olga, table) == (1, 0, 0, [])
    assert await told(letters, olga, table) == (0, 0, 1, [])
    assert await told(letters, olga, "address,profiles\nann@client.example,;\n") == (0, 0, 1, [])


async def test_of_a_person_of_the_workspace_attributes_are_taken(
    letters: Correspondence, olga: PersonPrincipal
):
    table = "email,first name,profiles\nolga@acme.example,Other,Acme\n"
    assert await told(letters, olga, table) == (0, 1, 0, [])
    assert await told(letters, olga, table) == (0, 0, 1, [])
    assert olga.person is not None
    assert await letters.attributes.get(olga, olga.person) == {"profiles": ("Acme",)}
    assert await known() == []


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "The file is empty."),
        ("name,profiles\nZoe,Acme\n", "one of them has to be “address”."),
        ("zoe@client.example,Zoe\n", "one of them has to be “address”."),
        ("address,profiles,profiles\n", "Two columns are the same: profiles."),
        ("E-mail,Prénom,Adresse\n", "Two columns are the same: E-mail, Adresse."),
        (
            'address,profiles\nzoe@client.example,"Acme\nmia@client.example,Acme\nann@client.example,Acme\n',
            "Line 2: a quotation mark is not closed, text follows one that is, or a cell is too long.",
        ),
        ("address,a:b\n", "The name of an attribute has from 1 to 60 characters and no colon."),
    ],
)
async def test_what_is_no_such_table_is_refused_whole(
    letters: Correspondence, olga: PersonPrincipal, table: str, said: str
):
    with pytest.raises(Invalid) as caught:
        await letters.book_import.take(olga, table)
    assert str(caught.value).endswith(said)
    assert caught.value.path == ("file",)


async def test_the_columns_that_became_attributes_are_named(letters: Correspondence, olga: PersonPrincipal):
    table = "E-mail,Prénom,Nom,Agency,Fuseau horaire,region\nann@client.example,Ann,Lee,,,\n"
    assert (await letters.book_import.take(olga, table)).attributes == ("Agency", "region")
    assert await known() == [("ann@client.example", "Ann", "Lee", None, None)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_file_is_read_in_the_encodings_that_tables_are_saved_in(encoding: str):
    assert decoded("adresse;prénom\n".encode(encoding)) == "adresse;prénom\n"


async def test_what_two_files_say_of_one_address_at_once_is_taken_from_both(catalog: Catalog):
    letters = Correspondence(catalog)
    await letters.begin()
    olga = await letters.person("Olga", WorkspaceRole.OWNER)
    addresses = [f"r{number}@client.example" for number in range(20)]
    tables = [
        "\n".join(["address,region", *(f"{one},{region}" for one in addresses)])
        for region in ("North", "South")
    ]
    told = await asyncio.gather(*(letters.book_import.take(olga, one) for one in tables))
    assert [one.refused for one in told] == [(), ()]
    assert (sum(one.added for one in told), sum(one.changed for one in told)) == (20, 20)
    assert await RecipientAttributeRow.all().count() == await RecipientRow.all().count() == 20


async def test_members_import_nobody(letters: Correspondence, olga: PersonPrincipal):
    bob = await letters.person("Bob", WorkspaceRole.MEMBER)
    with pytest.raises(Forbidden):
        await letters.book_import.take(bob, TABLE)
