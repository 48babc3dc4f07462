"""The post office, with what contacts did by its letters and parcels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bilan.registry.declared import Declared, Registry
from bilan.sdk.activity import ACTIVITY, METRICS
from bilan.sdk.datasets import Activity, Row
from bilan.sdk.plugins import Plugin

from .post import LETTERS, NAME, PARCELS, REGISTRY


def what_was_done(row: Row) -> Iterator[Activity]:
    yield Activity(row["contact"], "post", row["kind"] or "unknown", row["country"] or "")
    if row["opened_at"]:
        yield Activity(row["contact"], "post", "opened", at=row["opened_at"], key="opened")


def never_twice(row: Row) -> Activity:
    return Activity(row["event_id"] + "@example.org", "post", "sent")


DATASETS = (replace(LETTERS, activity=never_twice), replace(PARCELS, activity=what_was_done))
(DECLARED,) = REGISTRY.declared
WORLD = Registry(
    (
        replace(DECLARED, datasets=DATASETS),
        Declared(Plugin("core", "contact", NAME, "bilan"), datasets=(ACTIVITY,), metrics=METRICS),
    )
)
