"""A chat: notes, and the talks that are made of them. A talk ends by a note that says so, or by silence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

from bilan.registry.declared import Registry
from bilan.registry.gather import load
from bilan.sdk import HmacSignature, JsonObject, JsonWebhook, TableReader, read_instant, read_text
from bilan.sdk.conditions import Is
from bilan.sdk.datasets import Activity, Column, ColumnType, Dataset, Derivation, Fact, Keep, Row
from bilan.sdk.messages import messages
from bilan.sdk.metrics import Count, Metric, Sum
from bilan.sdk.parameters import Parameter, ParameterKind
from bilan.sdk.plugins import Plugin
from bilan.sdk.sources import SourceKind

_ = messages("chat")[0]
NAME = _("Chat")

NOTES = Dataset(
    "chat.notes", NAME, NAME,
    (
        Column("said_at", ColumnType.INSTANT, NAME),
        Column("note", ColumnType.TEXT, NAME),
        Column("contact", ColumnType.TEXT, NAME, personal=True),
        Column("kind", ColumnType.TEXT, NAME, dimension=True),
        Column("about", ColumnType.TEXT, NAME),
        Column("words", ColumnType.INTEGER, NAME, nullable=True),
    ),
    identity=("note",), time="said_at", sort=("contact", "said_at"),
    contact="contact",
)  # fmt: skip
"""Of the kinds ``said``, ``ended``, ``read`` and ``unsaid``; the last two are about another note."""


def talks(rows: Sequence[Row], settings: Mapping[str, Any]) -> Iterator[Row]:
    silence = timedelta(hours=settings.get("silence", 24))
    unsaid = {row["about"] for row in rows if row["kind"] == "unsaid"}
    read = {row["about"] for row in rows if row["kind"] == "read"}
    talk: dict[str, Any] = {}
    for row in rows:
        at = row["said_at"]
        if row["kind"] == "said" and row["note"] not in unsaid:
            if talk and (talk["ended"] or at - talk["last_at"] >= silence):
                yield _over(talk, silence)
                talk = {}
            talk = talk or {
                "talk": row["note"],
                "started_at": at,
                "notes": 0,
                "read": 0,
                "words": None,
                "ended": False,
            }
            talk |= {"last_at": at, "notes": talk["notes"] + 1, "read": talk["read"] + (row["note"] in read)}
            if row["words"] is not None:
                talk["words"] = (talk["words"] or 0) + row["words"]
        elif row["kind"] == "ended" and talk and not talk["ended"]:
            talk |= {"ended": True, "over_at": at}
    if talk:
        yield _over(talk, silence)


def _over(talk: Row, silence: timedelta) -> Row:
    """A talk that nobody ends is over after the silence, which is said in advance."""
    return {"over_at": talk["last_at"] + silence, **talk, "state": "over"}


def what_was_done(row: Row) -> Iterator[Activity]:
    yield Activity(row["contact"], "inbox", "began", row["talk"])
    if row["ended"]:
        yield Activity(row["contact"], "inbox", "ended", row["talk"], at=row["last_at"], key="ended")


TALKS = Dataset(
    "chat.talks", NAME, NAME,
    (
        Column("started_at", ColumnType.INSTANT, NAME),
        Column("talk", ColumnType.TEXT, NAME),
        Column("contact", ColumnType.TEXT, NAME, personal=True),
        Column("last_at", ColumnType.INSTANT, NAME),
        Column("notes", ColumnType.INTEGER, NAME),
        Column("read", ColumnType.INTEGER, NAME),
        Column("words", ColumnType.INTEGER, NAME, nullable=True),
        Column("ended", ColumnType.BOOLEAN, NAME),
        Column("over_at", ColumnType.INSTANT, NAME, nullable=True, due=True),
        Column("state", ColumnType.TEXT, NAME, dimension=True, due="over_at", until="open"),
    ),
    identity=("talk",), time="started_at", sort=("started_at",), keep=Keep.LAST, activity=what_was_done,
    derived=Derivation(NOTES.key, ("contact",), talks, settings=("silence",)),
    contact="contact",
)  # fmt: skip
CHANGING_NOTES = replace(NOTES, keep=Keep.LAST)
METRICS = (
    Metric("chat.said", NOTES.key, NAME, NAME, Count(), NAME),
    Metric("chat.count", TALKS.key, NAME, NAME, Count(), NAME),
    Metric("chat.ended", TALKS.key, NAME, NAME, Count(Is("ended", True)), NAME),
    Metric("chat.open", TALKS.key, NAME, NAME, Count(Is("state", "open")), NAME),
    Metric("chat.notes_of_talks", TALKS.key, NAME, NAME, Sum("notes"), NAME),
)


def note(given: JsonObject) -> Fact:
    """A note as it is posted and as it stands in a row of a file."""
    said_at = read_instant(given["said_at"], UTC)
    texts = {name: read_text(given[name]) for name in ("note", "contact", "kind")}
    return Fact(NOTES.key, {**texts, "said_at": said_at})


ROOM = SourceKind(
    "room",
    NAME,
    NAME,
    settings=(
        Parameter("silence", NAME, ParameterKind.NUMBER, default=24),
        Parameter("secret", NAME, ParameterKind.SECRET),
    ),
    webhook=JsonWebhook(HmacSignature("x-chat"), note),
    readers=(TableReader("notes", NAME, ("note", "said_at", "contact", "kind"), note),),
)


def plugin(notes: Dataset = NOTES, talks: Dataset = TALKS) -> Plugin:
    """The chat, whose notes change or do not."""
    return Plugin("chat", "chat", NAME, "fixtures", datasets=(notes, talks), metrics=METRICS, sources=(ROOM,))


def chat(notes: Dataset = NOTES, talks: Dataset = TALKS) -> Registry:
    """The core and the chat."""
    return load([("chat", plugin(notes, talks))], installed=False)
