"""The delivery report: figures, a chart, and the lanes with a look of their own."""

from collections.abc import Iterator

from markupsafe import Markup

from bilan import sdk
from bilan_parcels.facts import DELIVERED, KEY, MEAN, PARCELS, RATE, SENT, SLOW, _

METRICS = (SENT, DELIVERED, RATE, MEAN, SLOW)
KEYS = tuple(metric.key for metric in METRICS)
LINE = Markup('<li>{} <meter min="0" max="{}" value="{}"></meter> {}</li>')


def build(request: sdk.ReportRequest, building: sdk.Building) -> sdk.Report:
    """Two sections; what fails in one leaves the other be."""
    span, filters = building.span, (sdk.FilterValue("parcels.labels", any=request["labels"]),)

    def overview() -> Iterator[sdk.Block]:
        compared = request.compare.of(span)
        answer = building(sdk.Question(KEY, KEYS, span, request["interval"], (), filters, compare=compared))
        yield sdk.tiles("figures", answer, METRICS)
        yield sdk.timeline("sent", _("Parcels sent"), answer, [SENT], kind=sdk.ChartKind.BAR)

    def lanes() -> Iterator[sdk.Block]:
        answer = building(sdk.Question(KEY, KEYS, span, by=("lane",), filters=filters))
        hours = {row.keys[0]: row.values[MEAN.key] for row in answer.rows if row.values[MEAN.key] is not None}
        table = sdk.answer_table("lanes", _("Lanes"), answer, [SENT, MEAN, SLOW], PARCELS)
        yield sdk.Custom(kind="parcels.lanes", key="lanes", data={"hours": hours}, table=table)
        labels = building(sdk.Question(KEY, KEYS, span, by=("labels",), filters=filters))
        yield sdk.answer_table("labels", _("Labels"), labels, [SENT, MEAN], PARCELS)

    sections = sdk.section("overview", _("Overview"), overview), sdk.section("lanes", _("Lanes"), lanes)
    return sdk.Report(_("Parcel delivery"), sections)


def render(block: sdk.Custom, context: sdk.RenderContext) -> str:
    """The lanes as a list; every value is escaped by ``Markup``."""
    hours: dict[str, float] = block.data["hours"]
    most, write = max(hours.values(), default=0), context.formatter.value
    lines = (LINE.format(lane, most, mean, write(mean, MEAN.unit)) for lane, mean in hours.items())
    return Markup('<ul class="parcels-lanes">{}</ul>').format(Markup().join(lines))


LANES = sdk.BlockRenderer("html", "parcels.lanes", render, ".parcels-lanes { padding: 0; list-style: none }")
FRAGILE = sdk.Example(
    "fragile", _("Fragile parcels by month"), _("The parcels with the label “fragile”, month by month."),
    {"labels": ["fragile"], "interval": "month", "period": "last_90_days"},
)  # fmt: skip
INTERVAL = sdk.Parameter("interval", _("Interval"), sdk.ParameterKind.INTERVAL, default=sdk.Interval())
LABELS = sdk.Parameter("labels", _("Labels"), sdk.ParameterKind.TAGS, default=(), help=_("Any of these."))
DELIVERY = sdk.ReportKind(
    "parcels.delivery", _("Parcel delivery"), _("How many parcels arrive, and how long each lane takes."),
    (INTERVAL, LABELS), build, (KEY,), examples=(FRAGILE,), formats=("pdf", "csv"), page=_("Delivery"),
)  # fmt: skip
