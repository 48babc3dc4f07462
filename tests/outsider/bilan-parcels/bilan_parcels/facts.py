"""What is known of parcels: one table, and what can be counted in it and narrowed."""

from bilan import sdk

_, KEY, C, T, F = sdk.messages("parcels")[0], "parcels.parcels", sdk.Column, sdk.ColumnType, sdk.FilterKind


def activity(row: sdk.Row) -> sdk.Activity | None:
    """A delivered parcel is something that happened to its addressee."""
    received = sdk.Activity(row["addressee"], "parcel", "received", row["parcel"], row["lane"])
    return received if row["status"] == "delivered" else None


ACTIVITIES = (sdk.ActivityCategory("parcel", _("Parcels"), {"received": _("Received")}),)
COLUMNS = (
    C("sent_at", T.INSTANT, _("Sent")), C("parcel", T.TEXT, _("Parcel")),
    C("lane", T.TEXT, _("Lane"), _("Where from and where to."), dimension=True),
    C("status", T.TEXT, _("Status"), dimension=True), C("labels", T.TEXTS, _("Labels"), dimension=True),
    C("hours", T.NUMBER, _("Hours"), _("From sending to delivery."), nullable=True),
    C("addressee", T.TEXT, _("Addressee"), personal=True),
)  # fmt: skip
PARCELS = sdk.Dataset(
    KEY, _("Parcels"), _("Every parcel, as the depot last reported it."), COLUMNS, contact="addressee",
    identity=("parcel",), time="sent_at", sort=("sent_at",), keep=sdk.Keep.LAST, activity=activity,
)  # fmt: skip
SENT = sdk.Metric("parcels.sent", KEY, _("Sent"), _("How many were sent."), sdk.Count(), _("all parcels"))
DELIVERED = sdk.Metric(
    "parcels.delivered", KEY, _("Delivered"), _("How many of the parcels have arrived."),
    sdk.Count(sdk.Is("status", "delivered")), _("the number of parcels with the status “delivered”"),
)  # fmt: skip
RATE = sdk.Metric(
    "parcels.delivery_rate", KEY, _("Delivery rate"), _("Which part of the parcels has arrived."),
    sdk.Ratio("parcels.delivered", "parcels.sent"), _("delivered ÷ sent"), sdk.Unit.PROPORTION,
)  # fmt: skip
MEAN = sdk.Metric(
    "parcels.mean_hours", KEY, _("Mean hours"), _("How long a parcel takes on average."),
    sdk.Mean("hours"), _("the mean of the hours to delivery"), sdk.Unit.NUMBER, beside=DELIVERED.key,
)  # fmt: skip
SLOW = sdk.Metric(
    "parcels.slow_hours", KEY, _("Slowest tenth"), _("After how many hours nine in ten have arrived."),
    sdk.Quantile("hours", 0.9), _("the quantile 0.9 of the hours"), sdk.Unit.NUMBER,
)  # fmt: skip
FILTERS = (
    sdk.Filter("parcels.lane", (KEY,), "lane", F.CHOICES, _("Lane"), _("Parcels of these lanes.")),
    sdk.Filter("parcels.labels", (KEY,), "labels", F.TAGS, _("Labels"), _("Parcels with these labels.")),
)
