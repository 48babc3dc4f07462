"""Where parcels come from: a depot's signed posts, and its lists as Excel and other programs write them."""

from datetime import UTC, datetime
from pathlib import Path

from bilan import sdk
from bilan_parcels.facts import COLUMNS, KEY, _


def parcel(given: sdk.JsonObject) -> sdk.Fact:
    """The parcel that a row or a post tells of."""
    row = {name: sdk.read_text(given[name]) for name in ("parcel", "lane", "status", "addressee")}
    labels = sorted(filter(None, sdk.read_text(given["labels"]).split("|")))
    hours, sent_at = sdk.read_number(given["hours"]), sdk.read_instant(given["sent_at"], UTC)
    return sdk.Fact(KEY, {**row, "labels": labels, "hours": hours, "sent_at": sent_at})


def lists(_folder: Path, _now: datetime) -> tuple[sdk.ImportFile, ...]:
    """A list as Excel writes it: semicolons, decimal commas and a byte-order mark."""
    return (sdk.ImportFile(Path(__file__).with_name("parcels.csv"), "parcels.csv"),)


READER = sdk.TableReader("parcel-list", _("Parcel list"), tuple(column.name for column in COLUMNS), parcel)
WEBHOOK = sdk.JsonWebhook(sdk.HmacSignature("x-depot-signature"), parcel)
DEPOT = sdk.SourceKind(
    "depot", _("Depot"), _("Posts and lists of a parcel depot."), (sdk.SECRET,), WEBHOOK, (READER,)
)
SAMPLE = sdk.Sample("depot", "Depot Lille", _("Nine invented parcels of March 2026."), files=lists)
