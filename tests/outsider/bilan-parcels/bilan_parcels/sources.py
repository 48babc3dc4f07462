"""Where parcels come from: a depot's signed posts, its lists as Excel writes them, and its API."""

from datetime import UTC
from pathlib import Path

from bilan import sdk
from bilan_parcels.facts import COLUMNS, KEY, _


def parcel(given: sdk.JsonObject) -> sdk.Fact:
    """The parcel that a row or a post tells of."""
    row = {name: sdk.read_text(given[name]) for name in ("parcel", "lane", "status", "addressee")}
    labels = sorted(filter(None, sdk.read_text(given["labels"]).split("|")))
    hours, sent_at = sdk.read_number(given["hours"]), sdk.read_instant(given["sent_at"], UTC)
    return sdk.Fact(KEY, {**row, "labels": labels, "hours": hours, "sent_at": sent_at})


LIST, FILE = "https://api.depot.example/parcels", Path(__file__).with_name("parcels.csv")
READER = sdk.TableReader("parcel-list", _("Parcel list"), tuple(column.name for column in COLUMNS), parcel)
HOOK, PULL = sdk.JsonWebhook(sdk.HmacSignature("x-depot-signature"), parcel), sdk.JsonPull(LIST, parcel)
DEPOT = sdk.SourceKind("depot", _("Depot"), _("Posts and lists."), (sdk.SECRET,), HOOK, (READER,), pull=PULL)
SAMPLE = sdk.Sample(
    "depot", "Depot Lille", _("Nine invented parcels of March 2026."),
    files=lambda _folder, _now: (sdk.ImportFile(FILE, FILE.name),),
    answers=lambda asked: sdk.SampleReply(
        [row for line, row in sdk.open_table(FILE).numbered() if (line > 6) == bool(asked.params)],
        headers={} if asked.params else {"link": f'<{LIST}?page=2>; rel="next"'}),
)  # fmt: skip
