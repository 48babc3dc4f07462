"""Buttons, the log of clicks and of messages that carry their references, and the clicks made of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bilan.sdk import Column, ColumnType, Dataset, Derivation, Fact, Keep, Reject, Row, Settings
from bilan_whatsapp_inbox.textdomain import _
from bilan_whatsapp_inbox.vocabulary import BUTTON_CLICKS, BUTTON_LOG, BUTTONS, LOG

T = ColumnType
CLICK, MESSAGE = "click", "message"
DIMENSIONS = ("button", "referrer", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
"""What clicks are counted by."""

TOLD = (
    Column("button", T.TEXT, _("Button"), _("Its name when it was clicked."), dimension=True),
    Column("button_id", T.TEXT, _("Id of the button")),
    Column("referrer", T.TEXT, _("Referrer"), _("The host of the page that led here."), dimension=True),
    Column("utm_source", T.TEXT, _("UTM source"), dimension=True),
    Column("utm_medium", T.TEXT, _("UTM medium"), dimension=True),
    Column("utm_campaign", T.TEXT, _("UTM campaign"), dimension=True),
    Column("utm_term", T.TEXT, _("UTM term"), dimension=True),
    Column("utm_content", T.TEXT, _("UTM content"), dimension=True),
    Column("missed", T.INTEGER, _("Clicks that could not be written down before it")),
)
"""What is kept of a click, besides its time and its reference."""
REFERENCE = Column("reference", T.TEXT, _("Reference"), _("The word by which a message tells of its click."))
FACT = Column("fact_id", T.TEXT, _("Fact"), _("What makes two copies the same row."))

BUTTON_DATASET = Dataset(
    key=BUTTONS,
    label=_("WhatsApp buttons"),
    description=_("Buttons for web sites, each as it was last changed."),
    columns=(
        Column("created_at", T.INSTANT, _("Made")),
        Column("button", T.TEXT, _("Id of the button")),
        Column("name", T.TEXT, _("Button"), dimension=True),
        Column("number", T.TEXT, _("Number"), _("The number that it leads to."), dimension=True),
        Column("text", T.TEXT, _("Text"), _("What stands in the message that the visitor is about to send.")),
        Column("removed", T.BOOLEAN, _("Removed"), _("Whether it leads nowhere any more."), dimension=True),
    ),
    identity=("button",),
    time="created_at",
    sort=("created_at",),
    keep=Keep.LAST,
)

LOG_DATASET = Dataset(
    key=BUTTON_LOG,
    label=_("Log of the buttons"),
    description=_("Clicks on buttons, and messages that carry the reference of one. Clicks are made of it."),
    columns=(
        Column("occurred_at", T.INSTANT, _("When")),
        Column("kind", T.TEXT, _("What it tells"), _("“click” or “message”."), dimension=True),
        REFERENCE,
        *TOLD,
        Column("message_id", T.TEXT, _("Message")),
        FACT,
    ),
    identity=("fact_id",),
    sort=("reference", "occurred_at"),
)


def clicks(rows: Iterable[Row], settings: Settings) -> Iterator[Row]:
    """The clicks that the rows of one reference tell of, each with the first message that carries it.

    References are drawn at random. Where two clicks have the same one after
    all, a message belongs to the last click before it.
    """
    del settings
    told = sorted(rows, key=lambda row: (row["occurred_at"], row["fact_id"]))
    clicked = [row for row in told if row["kind"] == CLICK]
    messages = [row for row in told if row["kind"] == MESSAGE]
    for number, click in enumerate(clicked):
        # The first click's may seem to come before it: services tell the time in whole seconds.
        after = click["occurred_at"] if number else None
        before = clicked[number + 1]["occurred_at"] if number + 1 < len(clicked) else None
        first = next(
            (
                row
                for row in messages
                if (after is None or row["occurred_at"] >= after)
                and (before is None or row["occurred_at"] < before)
            ),
            None,
        )
        yield {
            "occurred_at": click["occurred_at"],
            "fact_id": click["fact_id"],
            **{column.name: click[column.name] for column in TOLD},
            "messaged_at": first and first["occurred_at"],
            "message_id": first["message_id"] if first else "",
        }


CLICK_DATASET = Dataset(
    key=BUTTON_CLICKS,
    label=_("Clicks on WhatsApp buttons"),
    description=_("Each click of a person, with the first message that came of it."),
    columns=(
        Column("occurred_at", T.INSTANT, _("Clicked")),
        *TOLD,
        Column(
            "messaged_at",
            T.INSTANT,
            _("Message"),
            _("When the first message came that carries the click's reference."),
            nullable=True,
        ),
        Column("message_id", T.TEXT, _("Id of the message")),
        REFERENCE,
        FACT,
    ),
    identity=("reference", "fact_id"),
    sort=("occurred_at",),
    keep=Keep.LAST,
    derived=Derivation(of=BUTTON_LOG, by=("reference",), make=clicks, version=1),
)

DATASETS = (BUTTON_DATASET, CLICK_DATASET, LOG_DATASET)


def with_references(items: Iterable[Fact | Reject]) -> Iterator[Fact | Reject]:
    """What a post holds, with a row of the buttons' log behind each message that has a reference."""
    for item in items:
        yield item
        if isinstance(item, Fact) and item.dataset == LOG and item.row["reference"]:
            yield _carrying(item.row)


def _carrying(row: Row) -> Fact:
    told = {name: row[name] for name in ("occurred_at", "reference", "message_id")}
    return Fact(BUTTON_LOG, {**told, "kind": MESSAGE, "fact_id": f"{MESSAGE} {row['fact_id']}"})
