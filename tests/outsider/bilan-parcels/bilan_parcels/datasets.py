"""One table: a parcel, as it was last heard of."""

from __future__ import annotations

from bilan.sdk import Activity, Column, ColumnType, Dataset, Keep, Row, messages

_ = messages("parcels")[0]


def activity(row: Row) -> Activity | None:
    """A delivered parcel is something that happened to its addressee."""
    if row["status"] != "delivered":
        return None
    return Activity(row["addressee"], "parcel", "received", row["parcel"], row["lane"])


PARCELS = Dataset(
    key="parcels.parcels",
    label=_("Parcels"),
    description=_("Every parcel, as the depot last reported it."),
    columns=(
        Column("sent_at", ColumnType.INSTANT, _("Sent")),
        Column("parcel", ColumnType.TEXT, _("Parcel")),
        Column("lane", ColumnType.TEXT, _("Lane"), _("Where from and where to."), dimension=True),
        Column("status", ColumnType.TEXT, _("Status"), dimension=True),
        Column("labels", ColumnType.TEXTS, _("Labels"), dimension=True),
        Column("weight", ColumnType.NUMBER, _("Weight"), _("In kilograms."), nullable=True),
        Column("hours", ColumnType.NUMBER, _("Hours"), _("From sending to delivery."), nullable=True),
        Column("insured", ColumnType.BOOLEAN, _("Insured")),
        Column("addressee", ColumnType.TEXT, _("Addressee"), personal=True),
    ),
    identity=("parcel",),
    time="sent_at",
    sort=("sent_at",),
    keep=Keep.LAST,
    activity=activity,
)
