"""The campaign report: one campaign in full, or the list of all."""

from __future__ import annotations

from bilan.sdk import (
    Building,
    Choice,
    Parameter,
    ParameterKind,
    Preset,
    QueryClient,
    Report,
    ReportKind,
    ReportRequest,
    Values,
)
from bilan_email_campaigns.reports import campaign_list, one_campaign, statistics
from bilan_email_campaigns.reports.examples import CAMPAIGN_EXAMPLES
from bilan_email_campaigns.reports.selection_parameters import (
    CHANNELS,
    MATCH,
    TESTS,
    campaign_choices,
    category_choices,
    tag_choices,
)
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.vocabulary import CAMPAIGNS, EVENTS, HOURS, NAMESPACE, TOTALS

K = ParameterKind

LIST = (
    Parameter("categories", _("Categories"), K.CHOICES, choices=category_choices),
    Parameter("tags", _("Tags"), K.TAGS, choices=tag_choices),
    MATCH,
    CHANNELS,
    Parameter(
        "show", _("Show"), K.CHOICE, default=campaign_list.COUNTS,
        choices=(Choice(campaign_list.COUNTS, _("Counts")), Choice(campaign_list.RATES, _("Percentages"))),
    ),
    Parameter(
        "statistics", _("Statistics"), K.CHOICES, choices=statistics.choices,
        depends_on=("categories", "tags", "match", "channels", "include_archived", "include_tests"),
        help=_("The columns of the list. Without a choice, the most telling; data files hold all."),
        advanced=True,
    ),
    Parameter(
        "sort", _("Sort by"), K.CHOICE, default="sent", choices=campaign_list.SORTS,
    ),
    Parameter("ascending", _("Smallest first"), K.FLAG, default=False),
    Parameter("include_archived", _("Include archived campaigns"), K.FLAG, default=False, advanced=True),
    TESTS,
)  # fmt: skip


def build(request: ReportRequest, client: Building) -> Report:
    """One campaign where one is named, else the list."""
    return (
        one_campaign.build(request, client) if request["campaign"] else campaign_list.build(request, client)
    )


def blocks(_ask: QueryClient, values: Values) -> tuple[Choice, ...]:
    """The parts of the report on one campaign, or of the list."""
    return one_campaign.BLOCKS if values.get("campaign") else campaign_list.BLOCKS


CAMPAIGN = ReportKind(
    key=f"{NAMESPACE}.campaign",
    label=_("Campaign report"),
    description=_(
        "One campaign in full: recipients, deliveries, opens, clicks by link, bounces, complaints, "
        "the first 24 hours. Without a campaign, the list of all of them."
    ),
    parameters=(
        Parameter(
            "campaign", _("Campaign"), K.CHOICE, choices=campaign_choices,
            help=_("Without one, all campaigns of the period are listed."),
        ),
        *LIST,
    ),
    build=build,
    datasets=(EVENTS, TOTALS, CAMPAIGNS, HOURS),
    default_period=Preset.SINCE_OLDEST,
    blocks=blocks,
    examples=CAMPAIGN_EXAMPLES,
)  # fmt: skip
