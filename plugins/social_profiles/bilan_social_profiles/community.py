"""The dataset of what people write to profiles and about them."""

from __future__ import annotations

from bilan.sdk import Column, ColumnType, Dataset, Keep
from bilan_social_profiles.textdomain import _
from bilan_social_profiles.vocabulary import COMMUNITY

T = ColumnType

COMMUNITY_DATASET = Dataset(
    key=COMMUNITY,
    label=_("Community"),
    description=_(
        "Messages, comments, reviews and mentions that a profile received, and what became of them."
    ),
    columns=(
        Column("received_at", T.INSTANT, _("Received")),
        Column("network", T.TEXT, _("Network"), dimension=True),
        Column("profile", T.TEXT, _("Profile"), _("The name that people know it by."), dimension=True),
        Column("item", T.TEXT, _("Item"), _("The network's own id of it, else what tells it apart.")),
        Column(
            "kind", T.TEXT, _("Kind"), _("“message”, “comment”, “review” or “mention”."), dimension=True
        ),
        Column("author", T.TEXT, _("Written by"), personal=True),
        Column("text", T.TEXT, _("Text"), personal=True),
        Column("replied_at", T.INSTANT, _("Replied"), _("When the team first replied."), nullable=True),
        Column("reviewed_at", T.INSTANT, _("Reviewed"), _("When the team dealt with it."), nullable=True),
        Column("hidden", T.BOOLEAN, _("Hidden"), _("Whether the team hid it."), nullable=True),
        Column("rating", T.NUMBER, _("Rating"), _("Of a review."), nullable=True),
        Column(
            "response_seconds", T.INTEGER, _("Response time"),
            _("From receipt to the first reply, in seconds."), nullable=True,
        ),
        Column("post", T.TEXT, _("Post"), _("Under which it was written, as the network names it.")),
        Column("url", T.TEXT, _("Address"), _("Where it can be seen.")),
        Column("labels", T.TEXTS, _("Labels"), _("What its team filed it under."), dimension=True),
        Column("profile_id", T.TEXT, _("Id of the profile"), _("The network's own.")),
    ),
    identity=("network", "profile", "item"),
    time="received_at",
    sort=("received_at",),
    keep=Keep.LAST,
    contact="author",
)  # fmt: skip
