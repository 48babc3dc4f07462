"""What contacts did, whatever its sources tell row by row."""

from __future__ import annotations

from bilan.sdk import Column, ColumnType, Dataset, From, Projection
from bilan_contacts.textdomain import _
from bilan_contacts.vocabulary import ACTIONS

T = ColumnType

ACTION_DATASET = Dataset(
    key=ACTIONS,
    label=_("Actions of contacts"),
    description=_("What single contacts did or went through, as other tools keep it row by row."),
    columns=(
        Column("occurred_at", T.INSTANT, _("When")),
        Column(
            "contact", T.TEXT, _("Contact"), _("An address in lower case, or the tool's id."), personal=True
        ),
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
    activity=Projection(
        "contact",
        category=From(str, ("area",)),
        action=From(str, ("action",)),
        subject=From(str, ("object",)),
        detail=From(str, ("detail",)),
    ),
)  # fmt: skip

DATASETS = (ACTION_DATASET,)
