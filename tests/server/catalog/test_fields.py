"""Columns of messages and structs."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest

from bilan.accounts.models import ApiToken, Person
from bilan.accounts.values import Scope
from bilan.catalog import Catalog
from bilan.catalog.fields import StructField
from bilan.catalog.statements import rows
from bilan.ingest.models import RejectRow, UploadRow
from bilan.sdk.messages import Message
from bilan.sdk.sources import ColumnMapping

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
REASON = Message("{count} cells are {what}.", "shop", {"count": 2, "what": Message("empty", "shop")}, None)


async def rejected(reason: Message) -> RejectRow:
    return await RejectRow.create(
        source=UUID(int=1), number=1, reason=reason, content="x", size=1, at=AT
    )  # fmt: skip


async def test_a_message_is_read_back_with_the_messages_inside_it(catalog: Catalog) -> None:
    row = await rejected(REASON)
    assert row.reason == REASON
    assert (await RejectRow.get(id=row.id)).reason == REASON
    assert await RejectRow.filter(id=row.id).values_list("reason", flat=True) == [REASON]


async def test_an_update_takes_the_value_and_stores_it_as_json(catalog: Catalog) -> None:
    row = await rejected(REASON)
    await RejectRow.filter(id=row.id).update(reason=Message("No."))
    (stored,) = await rows("SELECT reason FROM rejected_row")
    assert msgspec.json.decode(stored["reason"]) == {"id": "No."}


async def test_texts_that_no_database_holds_are_stored_without_what_makes_them_so(catalog: Catalog) -> None:
    row = await rejected(Message("{a} {b}", "shop", {"a": "x\0y\ud83d", "b": Message("row\0", "shop")}))
    kept = Message("{a} {b}", "shop", {"a": "xy\ufffd", "b": Message("row", "shop")})
    assert (await RejectRow.get(id=row.id)).reason == kept


async def test_what_only_looks_like_a_nul_is_stored_as_it_is(catalog: Catalog) -> None:
    row = await rejected(Message("{cell}", "shop", {"cell": r"\u0000"}))
    assert (await RejectRow.get(id=row.id)).reason.args == {"cell": r"\u0000"}


async def test_a_column_that_may_be_empty_is_nothing_or_its_struct(catalog: Catalog) -> None:
    row = await UploadRow.create(
        workspace=UUID(int=1), source=UUID(int=2), name="a.csv", size=1, content="", reader="r",
        state="waiting", by="", created_at=AT,
    )  # fmt: skip
    assert (await UploadRow.get(id=row.id)).mapping is None
    mapping = ColumnMapping("shop.orders", ())
    await UploadRow.filter(id=row.id).update(mapping=mapping)
    assert (await UploadRow.get(id=row.id)).mapping == mapping


async def test_a_set_of_words_is_stored_in_order_and_read_back_as_their_set(catalog: Catalog) -> None:
    person = await Person.create(email="a@example.org", name="A", password_hash="x", created_at=AT)
    both = frozenset({Scope.WRITE, Scope.READ})
    await ApiToken.create(person=person, name="t", prefix="p", token_hash="h", scopes=both, created_at=AT)
    (stored,) = await rows("SELECT scopes FROM api_token")
    assert msgspec.json.decode(stored["scopes"]) == ["read", "write"]
    assert (await ApiToken.get()).scopes == both


async def test_what_does_not_fit_its_type_is_never_handed_out() -> None:
    with pytest.raises(msgspec.ValidationError, match="Expected `object`, got `array`"):
        StructField(Message).to_python_value("[]")


def test_a_migration_writes_it_down_as_a_plain_json_column() -> None:
    path, _args, options = StructField(Message, null=True).deconstruct()
    assert path == "tortoise.fields.data.JSONField"
    assert options["null"] is True
    assert "of" not in options
