"""What there is to pick: campaigns, Canvases, tags and channels."""

from __future__ import annotations

from bilan.sdk import AllOf, Choice, Parameter, ParameterKind, QueryClient, Values
from bilan_email_campaigns.reports.campaign_records import campaign_records
from bilan_email_campaigns.reports.directory import directory
from bilan_email_campaigns.reports.selection import ALL, ANY
from bilan_email_campaigns.reports.statistics import CHANNEL_LABELS
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.vocabulary import EVENTS

CHANNELS = Parameter(
    "channels",
    _("Channels"),
    ParameterKind.CHOICES,
    choices=tuple(Choice(channel, label) for channel, label in CHANNEL_LABELS.items()),
    help=_("Without a choice, all of them."),
)
TESTS = Parameter(
    "include_tests",
    _("Include tests"),
    ParameterKind.FLAG,
    default=False,
    help=_("Messages sent in the sender's test mode."),
    advanced=True,
)


MATCH = Parameter(
    "match",
    _("Messages having"),
    ParameterKind.CHOICE,
    default=ANY,
    choices=(Choice(ANY, _("any of the tags")), Choice(ALL, _("all of the tags"))),
)


def campaign_choices(client: QueryClient, _values: Values) -> tuple[Choice, ...]:
    """Every campaign that has an event, a total or a place in a list."""
    return _choices(client, canvas=False)


def canvas_choices(client: QueryClient, _values: Values) -> tuple[Choice, ...]:
    """Every Canvas that has an event, a total or a place in a list."""
    return _choices(client, canvas=True)


def tag_choices(client: QueryClient, _values: Values) -> tuple[Choice, ...]:
    """Every tag of an event, a campaign or a Canvas."""
    tags = {tag for one in campaign_records(client) for tag in one.tags} | set(client.values(EVENTS, "tags"))
    return tuple(Choice(tag, tag) for tag in sorted(tags))


def category_choices(client: QueryClient, _values: Values) -> tuple[Choice, ...]:
    """Every category of an event, a campaign or a Canvas."""
    categories = {one.category for one in campaign_records(client)} | set(client.values(EVENTS, "category"))
    return tuple(Choice(category, category) for category in sorted(categories) if category)


def _choices(client: QueryClient, *, canvas: bool) -> tuple[Choice, ...]:
    known = campaign_records(client)
    found = directory(client, AllOf(()), known)
    places = {*found.counted, *(one.channel_key for one in known)}
    column = "canvas" if canvas else "campaign"
    names = {
        place.key: found.name(column, place.source, place.key) for place in places if place.canvas is canvas
    }
    labelled = sorted((name or key, key) for key, name in names.items() if key)
    return tuple(Choice(key, label) for label, key in labelled)
