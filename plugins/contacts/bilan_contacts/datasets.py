"""What contacts did, and how they stand with lists: what sources tell row by row, and changes made of it."""

from __future__ import annotations

from bilan.sdk import Column, ColumnType, Dataset, Derivation, From, Keep, Projection, Row, Same, SameIf
from bilan_contacts.list_changes import list_changes
from bilan_contacts.textdomain import _
from bilan_contacts.vocabulary import ACTIONS, LIST_CHANGES, LIST_LOG, MERGED, Area, Kind

T = ColumnType


def _first(*texts: str) -> str:
    return next(filter(None, texts), "")


def _moved(row: Row) -> Same:
    """An address that took another's place."""
    return Same(row["contact"], row["other_address"], row["occurred_at"])


def _merged(row: Row) -> Same | None:
    """Two contacts that a tool made one, where it calls both by their address and not by a number.

    In an inbox tickets are merged, and the detail may name who did it.
    """
    if row["area"] != Area.PROFILE or "@" not in row["contact"] or "@" not in row["detail"]:
        return None
    return Same(row["contact"], row["detail"], row["occurred_at"])


CONTACT = Column(
    "contact", T.TEXT, _("Contact"), _("An address in lower case, or the tool's id."), personal=True
)

ACTION_DATASET = Dataset(
    key=ACTIONS,
    label=_("Actions of contacts"),
    description=_("What single contacts did or went through, as other tools keep it row by row."),
    columns=(
        Column("occurred_at", T.INSTANT, _("When")),
        CONTACT,
        Column("action", T.TEXT, _("Action"), dimension=True),
        Column("area", T.TEXT, _("Area"), _("“email”, “campaign”, “inbox” or “profile”."), dimension=True),
        Column("object", T.TEXT, _("Object"), _("What it was done to or with, such as a ticket or a form.")),
        Column("channel", T.TEXT, _("Channel"), dimension=True),
        Column("category", T.TEXT, _("Category"), dimension=True),
        Column("subcategory", T.TEXT, _("Subcategory"), dimension=True),
        Column("origin", T.TEXT, _("Origin"), _("What brought it about."), dimension=True),
        Column("actor", T.TEXT, _("Done by"), _("Who did it, if not the contact."), dimension=True),
        Column("detail", T.TEXT, _("Detail"), personal=True),
        Column("fact_id", T.TEXT, _("Fact"), _("What makes two copies the same action.")),
    ),
    identity=("fact_id",),
    contact="contact",
    same=SameIf("action", (MERGED,), _merged),
    activity=Projection(
        "contact",
        category=From(str, ("area",)),
        action=From(str, ("action",)),
        subject=From(str, ("object",)),
        detail=From(str, ("detail",)),
    ),
)  # fmt: skip

AUDIENCE = Column("audience", T.TEXT, _("List"), _("Empty where the tool has but one."), dimension=True)
ORIGIN = Column("origin", T.TEXT, _("Origin"), _("How the contact came, in the tool's word."), dimension=True)
LANGUAGE = Column("language", T.TEXT, _("Language"), _("Its code, such as “fr”."), dimension=True)
COUNTRY = Column("country", T.TEXT, _("Country"), _("Its code, such as “FR”."), dimension=True)
REASON = Column("reason", T.TEXT, _("Reason"), _("Why they left, in the tool's word."), dimension=True)

LOG_DATASET = Dataset(
    key=LIST_LOG,
    label=_("Log of lists"),
    description=_("What tools tell of members of lists, row by row. The changes of lists are made of it."),
    columns=(
        Column("occurred_at", T.INSTANT, _("When")),
        CONTACT,
        Column("kind", T.TEXT, _("What it tells"), dimension=True),
        AUDIENCE,
        Column("status", T.TEXT, _("Status"), _("As a table lists it."), dimension=True),
        Column("signed_up_at", T.INSTANT, _("Signed up"), nullable=True),
        Column("added_at", T.INSTANT, _("Added"), _("When they were added or confirmed."), nullable=True),
        ORIGIN,
        LANGUAGE,
        COUNTRY,
        REASON,
        Column("other_address", T.TEXT, _("Other address"), _("The new or the old one."), personal=True),
        Column("detail", T.TEXT, _("Detail"), personal=True),
        Column("fact_id", T.TEXT, _("Fact"), _("What makes two copies the same row.")),
    ),
    identity=("fact_id",),
    sort=("contact", "occurred_at"),
    contact="contact",
    same=SameIf("kind", (Kind.MOVED_TO.value, Kind.MOVED_FROM.value), _moved),
)  # fmt: skip

CHANGE_DATASET = Dataset(
    key=LIST_CHANGES,
    label=_("Changes of lists"),
    description=_(
        "Who was added to lists, unsubscribed, was blacklisted or removed, each once, however often and by "
        "whom it is told."
    ),
    columns=(
        Column("occurred_at", T.INSTANT, _("When")),
        CONTACT,
        Column("change", T.TEXT, _("Change"), dimension=True),
        AUDIENCE,
        Column("growth", T.INTEGER, _("Growth"), _("1 for who came, -1 for who left, else 0.")),
        Column("new_contact", T.BOOLEAN, _("New"), _("Whether the contact was not known before.")),
        ORIGIN,
        LANGUAGE,
        COUNTRY,
        REASON,
        Column("detail", T.TEXT, _("Detail"), personal=True),
        Column("change_id", T.TEXT, _("Change id"), _("What tells changes of a contact on a list apart.")),
    ),
    identity=("contact", "audience", "change_id"),
    keep=Keep.LAST,
    contact="contact",
    activity=Projection(
        "contact",
        category=From(lambda: Area.PROFILE.value, ()),
        action=From(str, ("change",)),
        subject=From(str, ("audience",)),
        detail=From(_first, ("detail", "reason")),
    ),
    derived=Derivation(of=LIST_LOG, by=("contact",), make=list_changes),
)

DATASETS = (ACTION_DATASET, CHANGE_DATASET, LOG_DATASET)
