"""The engagement report: chosen statistics of chosen messages, in at most two data files."""

from __future__ import annotations

from bilan.sdk import Choice, Interval, Parameter, ParameterKind, Preset, ReportKind
from bilan_email_campaigns.reports import engagement_build, statistics
from bilan_email_campaigns.reports.examples import ENGAGEMENT_EXAMPLES
from bilan_email_campaigns.reports.selection_parameters import (
    CHANNELS,
    MATCH,
    TESTS,
    campaign_choices,
    canvas_choices,
    tag_choices,
)
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.vocabulary import CAMPAIGNS, EVENTS, NAMESPACE, TOTALS

K = ParameterKind

MESSAGES = (
    Parameter(
        "campaigns", _("Campaigns"), K.CHOICES, choices=campaign_choices,
        help=_("Without campaigns, Canvases and tags the report is about every message."),
    ),
    Parameter("canvases", _("Canvases"), K.CHOICES, choices=canvas_choices),
    Parameter(
        "tags", _("Tags"), K.TAGS, choices=tag_choices,
        help=_("Adds every message with these tags. Looked up anew at each run, so new messages join."),
    ),
    MATCH,
    CHANNELS,
    TESTS,
)  # fmt: skip

FIGURES = (
    Parameter(
        "statistics", _("Statistics"), K.CHOICES, choices=statistics.choices,
        depends_on=tuple(parameter.key for parameter in MESSAGES),
        help=_("Those of the selected messages' channels. Without a choice, every count of them."),
    ),
    Parameter(
        "rates", _("With rates"), K.FLAG, default=False,
        help=_("Delivery, open, click, bounce, complaint and unsubscribe rates beside the counts."),
    ),
    Parameter(
        "interval", _("Broken down by"), K.INTERVAL, default=Interval(),
        help=_("Days, a number of days or weeks, months, quarters, or none."),
    ),
    Parameter(
        "level", _("One row for each"), K.CHOICE, default=engagement_build.WHOLE,
        choices=(
            Choice(engagement_build.WHOLE, _("campaign or Canvas")),
            Choice(engagement_build.DETAIL, _("variant of a campaign, step of a Canvas")),
        ),
    ),
)  # fmt: skip

FILES = (
    Parameter(
        "compression", _("Compression"), K.CHOICE, default="zip",
        choices=(Choice("zip", "ZIP"), Choice("gzip", "gzip"), Choice("none", _("None"))),
        help=_("How data files are packed."), advanced=True,
    ),
    Parameter(
        "delimiter", _("Delimiter"), K.CHOICE, default="comma",
        choices=(
            Choice("comma", _("Comma")), Choice("semicolon", _("Semicolon")), Choice("colon", _("Colon")),
            Choice("pipe", _("Pipe")), Choice("tab", _("Tab")),
        ),
        help=_("What stands between two values of a CSV file."), advanced=True,
    ),
)  # fmt: skip

ENGAGEMENT = ReportKind(
    key=f"{NAMESPACE}.engagement",
    label=_("Engagement report"),
    description=_(
        "Statistics of chosen campaigns and Canvases over time: one data file for all campaigns, "
        "one for all Canvases."
    ),
    parameters=(*MESSAGES, *FIGURES, *FILES),
    build=engagement_build.build,
    datasets=(EVENTS, TOTALS, CAMPAIGNS),
    default_period=Preset.SINCE_OLDEST,
    personal=True,
    blocks=engagement_build.BLOCKS,
    examples=ENGAGEMENT_EXAMPLES,
)
