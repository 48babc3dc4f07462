"""A reader and a webhook that need one function: what a row or an object says."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bilan.sdk import (
    Fact,
    HmacSignature,
    ImportFile,
    JsonObject,
    JsonWebhook,
    Reject,
    TableReader,
    Unauthenticated,
    Unreadable,
    WebhookRequest,
    messages,
    read_number,
)

_ = messages("shop")[0]

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def order(row: JsonObject) -> Fact:
    return Fact("shop.orders", {"order": row["order"], "total": read_number(row["total"])})


READER = TableReader("orders", _("Orders"), ("order", "total"), order)
WEBHOOK = JsonWebhook(HmacSignature("x-signature"), order)


def file(folder: Path, content: bytes) -> ImportFile:
    path = folder / "orders.csv"
    path.write_bytes(content)
    return ImportFile(path, path.name)


def post(body: bytes, **headers: str) -> WebhookRequest:
    return WebhookRequest(body, headers, {}, "application/json", NOW)


def signed(body: bytes, key: str) -> WebhookRequest:
    signature = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    return post(body, **{"x-signature": signature})


def test_the_csv_of_a_western_excel_is_read(tmp_path: Path) -> None:
    excel = file(tmp_path, "\ufefforder;total\r\nO-1;1 234,5\r\nO-2;\r\n".encode())

    assert READER.recognises(excel) == 1.0
    assert list(READER.read(excel, {}, None)) == [
        Fact("shop.orders", {"order": "O-1", "total": 1234.5}, number=2),
        Fact("shop.orders", {"order": "O-2", "total": None}, number=3),
    ]


def test_a_table_with_other_columns_is_not_recognised(tmp_path: Path) -> None:
    assert READER.recognises(file(tmp_path, b"number,amount\n1,2\n")) == 0.0
    assert READER.recognises(file(tmp_path, b"")) == 0.0


def test_what_cannot_be_read_is_a_reject_with_its_number_and_stops_nothing(tmp_path: Path) -> None:
    mixed = file(tmp_path, b"order,total\nO-1,dear\nO-2\nO-3,3\n")

    first, second, third = READER.read(mixed, {}, None)

    assert isinstance(first, Reject)
    assert isinstance(second, Reject)
    assert (first.number, str(first.reason)) == (2, "“dear” is no number.")
    assert (second.number, str(second.reason)) == (3, "This row has 1 cell where the header has 2.")
    assert third == Fact("shop.orders", {"order": "O-3", "total": 3.0}, number=4)


@pytest.mark.parametrize("total", ["null", "[1]", "1e400", '"many"'])
def test_a_value_of_another_kind_than_its_reader_takes_is_a_reject_and_stops_nothing(total: str) -> None:
    def strict(row: JsonObject) -> Fact:
        return Fact("shop.orders", {"order": row["order"].strip(), "total": int(row["total"])})

    webhook = JsonWebhook(HmacSignature("x-signature"), strict)
    body = (
        f'[{{"order": "O-1", "total": {total}}}, {{"order": 2, "total": 2}}, {{"order": "O-3", "total": 3}}]'
    )

    first, second, third = webhook.parse(post(body.encode()), {})

    assert (isinstance(first, Reject), isinstance(second, Reject)) == (True, True)
    assert third == Fact("shop.orders", {"order": "O-3", "total": 3})


def test_one_object_or_a_list_of_them_is_read() -> None:
    (single,) = WEBHOOK.parse(post(b'{"order": "O-1", "total": "2"}'), {})
    several = list(WEBHOOK.parse(post(b'[{"order": "O-1", "total": "2"}, {"total": 1}, 7]'), {}))

    assert single == several[0] == Fact("shop.orders", {"order": "O-1", "total": 2.0})
    assert [str(reject.reason) for reject in several[1:] if isinstance(reject, Reject)] == [
        "“order” is missing.",
        "This item is no object.",
    ]


def test_a_signature_with_the_secret_is_let_in() -> None:
    body = json.dumps([]).encode()

    WEBHOOK.verify(signed(body, "hush"), {"secret": "hush"})
    with pytest.raises(Unauthenticated, match="missing or wrong"):
        WEBHOOK.verify(signed(body, "other"), {"secret": "hush"})
    with pytest.raises(Unauthenticated, match="missing or wrong"):
        WEBHOOK.verify(post(body), {"secret": "hush"})


@pytest.mark.parametrize("settings", [{}, {"secret": ""}, {"secret": "  "}, {"secret": None}])
def test_without_a_secret_every_post_is_refused_one_signed_with_nothing_too(
    settings: dict[str, str | None],
) -> None:
    with pytest.raises(Unauthenticated, match="has no Secret yet"):
        WEBHOOK.verify(signed(b"[]", settings.get("secret") or ""), settings)


@pytest.mark.parametrize(
    ("written", "number"),
    [("1,5", 1.5), ("1.5", 1.5), ("1.234,5", 1234.5), ("1,234.5", 1234.5), ("1 234,5", 1234.5), ("-2", -2),
     ("", None), ("–", None), (3, 3), (None, None)],
)  # fmt: skip
def test_a_number_is_read_with_a_point_or_a_comma(written: object, number: float | None) -> None:
    assert read_number(written) == number


@pytest.mark.parametrize("written", ["dear", "1,2,3x", "inf", "nan "])
def test_what_is_no_number_is_said(written: str) -> None:
    if written.strip() == "nan":
        assert read_number(written) is None
    else:
        with pytest.raises(Unreadable, match="is no number"):
            read_number(written)


@pytest.mark.parametrize("written", [1e308, -1e18, "1000000000000000000"])
def test_a_number_too_large_to_be_added_up_is_refused(written: object) -> None:
    with pytest.raises(Unreadable, match="is too large a number"):
        read_number(written)
