"""Where the warehouse is, from one URL."""

from __future__ import annotations

from pathlib import Path

import pytest

from bilan.sdk.errors import Invalid
from bilan.warehouse.address import Address, parse


@pytest.mark.requirement("GO-17")
def test_a_folder():
    assert parse("chdb:///srv/bilan/facts") == Address("bilan", path=Path("/srv/bilan/facts"))
    assert parse("chdb:///srv/a%20b?database=other") == Address("other", path=Path("/srv/a b"))


@pytest.mark.requirement("GO-17")
@pytest.mark.parametrize(
    ("url", "shown", "server"),
    [
        (
            "clickhouse://db.example.org",
            "clickhouse://db.example.org:8123/bilan",
            {"host": "db.example.org", "port": 8123, "interface": "http",
             "username": "default", "password": ""},
        ),
        (
            "clickhouses://me:p%40ss@db.example.org/facts?verify=false",
            "clickhouse://db.example.org:8443/facts",
            {"host": "db.example.org", "port": 8443, "interface": "https",
             "username": "me", "password": "p@ss", "verify": "false"},
        ),
    ],
)  # fmt: skip
def test_a_server(url: str, shown: str, server: dict[str, object]):
    assert parse(url).server == server
    assert str(parse(url)) == shown


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgres://me:secret@host/db", "postgres://…@host/db is no place for facts"),
        ("chdb://relative/folder", "is no place for facts"),
        ("chdb:///", "is no place for facts"),
        ("clickhouse:///facts", "is no place for facts"),
        ("clickhouse://host/facts?colour=red", "unknown option colour"),
        ("clickhouse://host/no-good", "no-good cannot name a database"),
    ],
)
def test_another_url_is_refused_with_one_that_would_be_right(url: str, says: str):
    with pytest.raises(Invalid) as refusal:
        parse(url)
    assert says in str(refusal.value)
    assert "secret" not in str(refusal.value)
    assert refusal.value.path == ("BILAN_WAREHOUSE_URL",)
