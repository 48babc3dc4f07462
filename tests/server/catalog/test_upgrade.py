"""A catalog of an older release with rows in every table is upgraded, and its rows are carried over."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any

import pytest

from bilan.catalog import Catalog
from bilan.catalog.schema import read_applied, read_columns
from bilan.delivery.verification import check_chains
from fixtures.frozen import Upgrade

TABLES = frozenset({
    "api_token", "artifact", "attempt", "delivery", "inbox_post", "ingest_tally", "kept_mail", "lease",
    "loose_file", "membership", "person", "rejected_row", "report", "run", "run_document", "run_part",
    "run_source", "sending", "session", "source", "source_grant", "step", "upload", "workspace",
})  # fmt: skip
"""Those of commit d24b915."""
RENAMED: Mapping[str, Mapping[str, str]] = {
    "artifact": {"rendition": "render_spec"},
    "delivery": {"renews": "reissue_of"},
    "ingest_tally": {"dropped": "evicted"},
    "sending": {"work": "job", "key": "idempotency_key", "fingerprint": "request_hash"},
    "upload": {"run": "job"},
}
"""Columns that have another name since."""
DROPPED: Mapping[str, frozenset[str]] = {
    "upload": frozenset({"state", "failure", "started_at", "ended_at", "place"}),
}
"""Columns that a job tells since; what an upload's facts were ordered by, which their moments tell."""
ADDED: Mapping[str, Mapping[str, Any]] = {
    "delivery": {
        "confirms": False,
        "external": False,
        "formats": None,
        "letter": "",
        "links_until": None,
        "zone": None,
    },
    "inbox_post": {"recorded": False},
    "ingest_tally": {"stale": 0, "known": 0, "noted": 0},
    "membership": {"every_source": None},
    "rejected_row": {"known": False},
    "sending": {
        "occurrence": None,
        "resend_of": None,
        "awaits_approval": False,
        "content": "usual",
        "display": None,
        "mail": None,
        "protected": None,
        "schedule": None,
        "test": False,
    },
    "source": {"ends_at": None, "notes": None},
    "upload": {"known": None},
}
"""Columns that are new since; of a file, that nobody counted what was there already."""
REPLACED = frozenset({"loose_file", "run", "run_document", "run_part", "run_source", "step"})
"""Tables whose rows say the same in others since."""


def test_an_upgrade_carries_every_row_of_every_table(upgrade: Upgrade) -> None:
    before, after = upgrade.before, upgrade.after
    assert {table for table, rows in before.items() if rows} == {*TABLES, "tortoise_migrations"}
    for table in sorted(TABLES - REPLACED):
        added = ADDED.get(table, {})
        expected = {key: {**dict(_upgraded(table, row)), **added} for key, row in before[table].items()}
        found = after[table]
        if table == "source":
            expected, found = (
                {
                    key: {**row, "settings": _without_the_old_default(row["settings"])}
                    for key, row in rows.items()
                }
                for rows in (expected, found)
            )
        if table == "source_grant":
            for key, row in before[table].items():
                expected[key]["own"] = row["role"]
        if table == "upload":
            for key, row in before[table].items():
                expected[key]["completed_at"] = row["ended_at"] if row["state"] == "done" else None
        assert found == expected, table


def _without_the_old_default(stored: Any) -> Any:
    """The settings of a source, whose signatures could be of any age where nobody chose one."""
    settings = json.loads(stored) if isinstance(stored, str) else stored
    return {key: value for key, value in settings.items() if (key, value) != ("max_age", 0)}


def _upgraded(table: str, row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """A row's columns in today's names."""
    for column, value in row.items():
        if column not in DROPPED.get(table, frozenset()):
            said = value.removeprefix("once:") if (table, column) == ("sending", "key") else value
            yield RENAMED.get(table, {}).get(column, column), said


def _reworded(stored: str | None) -> str | None:
    """Definitions and summaries in today's words: the unit ``share`` is a ``proportion``."""
    return stored and stored.replace('"share"', '"proportion"').replace(":share}", ":proportion}")


def test_an_upgrade_makes_every_run_a_job_and_every_report_a_report_run(upgrade: Upgrade) -> None:
    before, after = upgrade.before, upgrade.after
    same = (
        "workspace",
        "title",
        "zone",
        "personal",
        "state",
        "error",
        "created_at",
        "started_at",
        "finished_at",
    )
    renamed = {"purpose": "kind", "kind": "subject", "values": "arguments", "asked_by": "actor",
               "asked_by_name": "actor_name"}  # fmt: skip
    keys = {row["work"]: row["key"].removeprefix("once:") for row in before["sending"].values()}
    assert after["job"].keys() == before["run"].keys()
    for key, row in before["run"].items():
        job = after["job"][key]
        assert {name: job[name] for name in same} == {name: row[name] for name in same}
        assert {new: job[new] for new in renamed.values()} == {new: row[old] for old, new in renamed.items()}
        assert job["idempotency_key"] == keys.get(key, row["once"])
    reports = {key: row for key, row in before["run"].items() if row["purpose"] == "report"}
    assert after["report_run"].keys() == reports.keys()
    kept = ("report", "formats", "kept", "as_of", "document_sha256", "hold_until", "erased_at", "counts")
    for key, row in reports.items():
        run = after["report_run"][key]
        assert {name: run[name] for name in kept} == {name: row[name] for name in kept}
        assert (run["job_id"], run["definitions"]) == (key, _reworded(row["definitions"]))
        assert run["summary"] == _reworded(row["brief"])
    assert sum('"share"' in (row["definitions"] or "") for row in reports.values()) > 0
    assert after["report_document"] == before["run_document"]
    assert {(row["job_id"], row["source"]) for row in after["job_source"].values()} == {
        (row["run_id"], row["source"]) for row in before["run_source"].values()
    }


def test_an_upgrade_carries_every_step_with_what_it_waits_for(upgrade: Upgrade) -> None:
    before, after = upgrade.before["step"], upgrade.after["step"]
    assert after.keys() == before.keys()
    changed = {"run_id", "after", "name", "file"}
    for key, row in before.items():
        step = after[key]
        same = row.keys() - changed
        assert {name: step[name] for name in same} == {name: row[name] for name in same}
        assert (step["job_id"], step["optional"]) == (row["run_id"], row["file"])
        assert _json(step["after"]) == ([] if row["after"] is None else [row["after"]])
        assert step["name"] == ("compose:email" if row["name"] == "enclose" else row["name"])


def test_an_upgrade_writes_a_reference_for_every_file_that_a_row_named(upgrade: Upgrade) -> None:
    before, after = upgrade.before, upgrade.after
    erased = {key for key, row in before["run"].items() if row["erased_at"]}
    companions = {
        (sha256, "upload", key)
        for key, row in before["upload"].items()
        for sha256 in _json(row["companions"]).values()
    }
    named = {
        *(
            (row["sha256"], "run", row["run_id"])
            for row in before["artifact"].values()
            if row["run_id"] not in erased
        ),
        *((row["sha256"], "run", row["run_id"]) for row in before["run_part"].values()),
        *((row["content"], "upload", key) for key, row in before["upload"].items()),
        *((row["logo"], "workspace", key) for key, row in before["workspace"].items() if row["logo"]),
        *((row["sha256"], "outbox", key) for key, row in before["kept_mail"].items()),
        *companions,
    }
    references = after["file_reference"].values()
    assert {(row["sha256"], row["owner_kind"], row["owner_id"]) for row in references} == named
    assert {row["reserved_until"] for row in references} == {None}
    assert set(after["stored_file"]) == {sha256 for sha256, _kind, _id in named} | set(before["loose_file"])


def _json(value: Any) -> Mapping[str, str]:
    return json.loads(value) if isinstance(value, str) else value


async def test_an_upgrade_records_the_checksum_of_every_migration_and_happens_once(
    upgrade: Upgrade,
) -> None:
    catalog = Catalog(upgrade.url)
    for _time in range(2):
        await catalog.open()
        with catalog.activate():
            applied = await read_applied(catalog.connection, await read_columns(catalog.connection))
        await catalog.close()
        assert applied["0001_initial"] == "d9b10ac9b48e922ba3526cf0fd637976872baf69be9627dada49747757acac96"
        assert None not in applied.values()


@pytest.mark.requirement("GO-08")
async def test_an_upgrade_begins_the_ledgers_chain_with_what_was_settled(upgrade: Upgrade) -> None:
    over = {"accepted", "refused", "unknown", "cancelled", "arrived", "repeated"}
    settled = [row for row in upgrade.before["delivery"].values() if row["state"] in over]
    assert {row["state"] for row in settled} >= {"accepted", "refused", "unknown"}
    catalog = Catalog(upgrade.url)
    await catalog.open()
    with catalog.activate():
        checks = await check_chains()
    await catalog.close()
    entries = upgrade.after["ledger_entry"].values()
    assert [str(row["delivery"]) for row in sorted(entries, key=itemgetter("sequence"))] == [
        str(row["id"]) for row in sorted(settled, key=itemgetter("settled_at", "id"))
    ]
    assert [(check.entries, check.broken) for check in checks] == [(len(settled), None)]


@pytest.mark.parametrize("frozen_catalog_url", ["sqlite"], indirect=True)
async def test_an_upgraded_catalog_has_the_same_tables_as_a_new_one(
    frozen_catalog_url: str, sqlite_catalog: Catalog
) -> None:
    upgraded = Catalog(frozen_catalog_url)
    await upgraded.open()
    with upgraded.activate():
        columns = await read_columns(upgraded.connection)
    await upgraded.close()
    assert columns == await read_columns(sqlite_catalog.connection)
