"""Rows about an erased contact: every figure stays, and nothing names them, in whatever form."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote as percent

import pytest

from bilan.contacts.addresses import pseudonym, read_address
from bilan.contacts.forms import Forms
from bilan.sdk.activity import ACTIVITY
from bilan.sdk.datasets import Column, ColumnType, Dataset, DistinctKey, Keep, Rollup
from bilan.sdk.messages import Message
from bilan.warehouse import Warehouse, one_copy_each
from bilan.warehouse.erasing import Forgotten, days_of, leads_of, others_of, rewrite

from .declared import SOURCE

pytestmark = pytest.mark.requirement("FX-06")

NAME = Message("Name")
T = ColumnType
AT = datetime(2026, 3, 5, 12, tzinfo=UTC)
ANN, KEY = "ann.smith@example.org", "key"
LETTERS = Dataset(
    "post.letters", NAME, NAME,
    (
        Column("occurred_at", T.INSTANT, NAME),
        Column("letter", T.TEXT, NAME),
        Column("contact", T.TEXT, NAME, personal=True),
        Column("name", T.TEXT, NAME, personal=True),
        Column("browser", T.TEXT, NAME, personal=True, nullable=True),
        Column("url", T.TEXT, NAME, dimension=True),
        Column("tags", T.TEXTS, NAME),
    ),
    identity=("letter",), contact="contact",
    rollup=Rollup((), keys=(DistinctKey(("contact",), present=("contact",)),)),
)  # fmt: skip
TALKS = Dataset(
    "post.talks", NAME, NAME,
    (
        Column("occurred_at", T.INSTANT, NAME),
        Column("thread", T.TEXT, NAME, personal=True),
        Column("line", T.TEXT, NAME),
        Column("contact", T.TEXT, NAME, personal=True),
    ),
    identity=("line",), sort=("thread", "occurred_at"), contact="contact",
)  # fmt: skip
VERSIONS = replace(LETTERS, key="post.versions", keep=Keep.LAST, rollup=None)


@pytest.fixture
def warehouse(any_warehouse: Warehouse) -> Warehouse:
    any_warehouse.ensure([LETTERS, TALKS, VERSIONS, ACTIVITY])
    return any_warehouse


def whom(address: str = ANN, leads: tuple[str, ...] = ()) -> Forgotten:
    forms = Forms([read_address(address)])
    return Forgotten([SOURCE], forms.whole, forms.pattern, pseudonym(KEY, address), KEY, leads)


def letter(number: int, contact: str, **values: Any) -> dict[str, Any]:
    at = AT + timedelta(days=20 * number)
    return {"occurred_at": at, "letter": str(number), "contact": contact, "name": "", "url": "", **values}


def standing(warehouse: Warehouse, dataset: Dataset, columns: str) -> list[tuple[Any, ...]]:
    facts = one_copy_each(dataset, "1")
    return sorted(map(tuple, warehouse.query(f"SELECT {columns} FROM {facts}").rows))


def erase(warehouse: Warehouse, dataset: Dataset, forgotten: Forgotten) -> int:
    return warehouse.work(partial(rewrite, part=dataset, whom=forgotten))


@pytest.mark.parametrize("dataset", [LETTERS, VERSIONS], ids=["first copy", "last copy"])
def test_a_contact_is_replaced_and_what_is_personal_emptied(warehouse: Warehouse, dataset: Dataset) -> None:
    rows = [
        letter(1, ANN, name="Ann Smith", browser="Firefox", tags=["a", ANN]),
        letter(2, "ANN.smith@Example.org", name="Ann Smith"),
        letter(3, "joann.smith@example.org", name="Jo", browser="Firefox"),
    ]
    warehouse.append(dataset, SOURCE, rows, moment=AT)
    gone = pseudonym(KEY, ANN)

    found = warehouse.work(partial(days_of, dataset=dataset, part=dataset, whom=whom()))
    assert found == {(dataset.key, SOURCE): {date(2026, 3, 25), date(2026, 4, 14)}}
    assert list(warehouse.work(partial(others_of, part=dataset, whom=whom()))) == ["Ann Smith"]
    assert erase(warehouse, dataset, whom()) == 2
    assert standing(warehouse, dataset, "letter, contact, name, browser, tags") == [
        ("1", gone, "", None, ["a", gone]),
        ("2", gone, "", None, []),
        ("3", "joann.smith@example.org", "Jo", "Firefox", []),
    ]
    assert erase(warehouse, dataset, whom()) == 0


def test_distinct_contacts_stay_as_many_and_their_stored_hashes_are_others(warehouse: Warehouse) -> None:
    warehouse.append(LETTERS, SOURCE, [letter(1, ANN), letter(2, ANN), letter(3, "ben@b.example")], moment=AT)
    before = standing(warehouse, LETTERS, "_hash_contact")

    erase(warehouse, LETTERS, whom())

    after = standing(warehouse, LETTERS, "_hash_contact")
    assert len(set(before)) == len(set(after)) == 2
    assert len(set(before) & set(after)) == 1


FORMS = {
    "plain": ANN,
    "in capitals": ANN.upper(),
    "percent": percent(ANN, safe=""),
    "twice percent": percent(percent(ANN, safe=""), safe=""),
    "JSON": "ann.smith\\u0040example.org",
    "HTML": "ann.smith&#64;example.org",
    "quoted printable": "ann.smith=40example.org",
    "hexadecimal": ANN.encode().hex(),
    "SHA-256": hashlib.sha256(ANN.encode()).hexdigest(),
    "MD5": hashlib.md5(ANN.encode(), usedforsecurity=False).hexdigest(),
    "base64": base64.b64encode(ANN.encode()).decode().rstrip("="),
    "base64 behind something": base64.b64encode(f"x:{ANN}".encode()).decode(),
}


def test_other_peoples_texts_lose_the_address_in_every_form(warehouse: Warehouse) -> None:
    urls = [f"https://example.org/?u={form}&v={form}#x" for form in FORMS.values()]
    rows = [letter(number, "ben@b.example", url=url, name="Ben") for number, url in enumerate(urls)]
    warehouse.append(LETTERS, SOURCE, [{**row, "occurred_at": AT} for row in rows], moment=AT)

    assert erase(warehouse, LETTERS, whom()) == len(FORMS)
    written = standing(warehouse, LETTERS, "url, name")
    assert len(written) == len(FORMS)
    for url, name in written:
        assert not any(form in url for form in FORMS.values())
        assert pseudonym(KEY, ANN) in url
        assert name == "Ben"


ALIKE = (
    "joann.smith@example.org",
    "ann.smith@example.org.uk",
    "x-ann.smith@example.org",
    "ann.smith@example.orgs",
)


def test_addresses_that_are_only_alike_stay(warehouse: Warehouse) -> None:
    rows = [letter(number, text, url=f"mailto:{text}") for number, text in enumerate(ALIKE)]
    warehouse.append(LETTERS, SOURCE, rows, moment=AT)

    assert erase(warehouse, LETTERS, whom()) == 0
    assert standing(warehouse, LETTERS, "contact, url") == sorted((one, f"mailto:{one}") for one in ALIKE)


def test_what_tells_rows_apart_is_hashed_and_told_apart_still(warehouse: Warehouse) -> None:
    said = [("t1", "33612345678"), ("t1", ""), ("33612345678", "33612345678"), ("t2", "4477")]
    rows = [
        {"occurred_at": AT, "line": str(number), "thread": thread, "contact": contact}
        for number, (thread, contact) in enumerate(said)
    ]
    warehouse.append(TALKS, SOURCE, rows, moment=AT)
    forgotten = whom("+33 6 12 34 56 78")
    leads = sorted(warehouse.work(lambda client: list(leads_of(client, TALKS, forgotten))))

    assert leads == ["33612345678", "t1"]
    gone, thread = pseudonym(KEY, "33612345678"), pseudonym(KEY, "t1")
    assert erase(warehouse, TALKS, replace(forgotten, leads=leads, pseudonym=gone)) == 3
    assert standing(warehouse, TALKS, "line, thread, contact") == [
        ("0", thread, gone),
        ("1", thread, ""),
        ("2", gone, gone),
        ("3", "t2", "4477"),
    ]


def test_activities_go_with_the_contact(warehouse: Warehouse) -> None:
    row = {
        "occurred_at": AT, "dataset": "post.letters", "fact": f'["{ANN}",1]', "contact": ANN,
        "category": "email", "action": "opened", "detail": "private",
    }  # fmt: skip
    warehouse.append(ACTIVITY, SOURCE, [row], moment=AT)

    assert erase(warehouse, ACTIVITY, whom()) == 1
    gone = pseudonym(KEY, ANN)
    assert standing(warehouse, ACTIVITY, "contact, fact, action, detail") == [
        (gone, f'["{gone}",1]', "opened", "")
    ]


def test_nothing_beside_the_tables_names_whom_was_erased(warehouse: Warehouse) -> None:
    warehouse.append(LETTERS, SOURCE, [letter(1, ANN)], moment=AT)

    erase(warehouse, LETTERS, whom())

    read = (
        "SELECT command FROM system.mutations WHERE table = 'post__letters' AND database = currentDatabase()"
    )
    commands = warehouse.query(read).rows
    assert len(commands) == 1
    assert not any("ann.smith" in command for (command,) in commands)
