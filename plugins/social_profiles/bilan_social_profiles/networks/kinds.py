"""The kinds of source that are pulled from networks."""

from __future__ import annotations

from bilan.sdk import Choice, Parameter, ParameterKind, SourceKind
from bilan_social_profiles.networks.bluesky import Bluesky
from bilan_social_profiles.networks.mastodon import Mastodon
from bilan_social_profiles.networks.meta.pull import Meta
from bilan_social_profiles.networks.settings import HANDLES, PROFILE_NAME, check_host
from bilan_social_profiles.networks.youtube import YouTube
from bilan_social_profiles.textdomain import _

ACCOUNT_HELP = _("Its handle or its id. Empty, the profiles behind the credentials are offered.")

MASTODON = SourceKind(
    key="mastodon",
    label=_("Mastodon"),
    description=_("Posts, followers and mentions of an account on any server of Mastodon."),
    settings=(
        Parameter(
            "instance", _("Server"), ParameterKind.TEXT, required=True,
            help=_("The server of the account, such as mastodon.social."), check=check_host,
        ),
        Parameter(
            "access_token", _("Access token"), ParameterKind.SECRET,
            help=_(
                "Of an application that you make under Preferences, Development, with the rights “profile”, "
                "“read:statuses” and “read:notifications”. Without one, what is public is read."
            ),
        ),
        Parameter("account", _("Account"), ParameterKind.TEXT, default="", help=ACCOUNT_HELP),
        PROFILE_NAME,
        HANDLES,
    ),
    pull=Mastodon(),
    profile="account",
)  # fmt: skip

BLUESKY = SourceKind(
    key="bluesky",
    label=_("Bluesky"),
    description=_(
        "Posts and followers of an account on Bluesky, and the replies and mentions that it received."
    ),
    settings=(
        Parameter("account", _("Account"), ParameterKind.TEXT, default="", help=ACCOUNT_HELP),
        Parameter(
            "app_password", _("App password"), ParameterKind.SECRET,
            help=_(
                "Made under Settings, Privacy and security, App passwords. Without one, what is public is "
                "read: posts and followers."
            ),
        ),
        PROFILE_NAME,
        HANDLES,
        Parameter(
            "service", _("Server"), ParameterKind.TEXT, default="bsky.social", advanced=True,
            help=_("The server that hosts the account, where it is not Bluesky's own."), check=check_host,
        ),
    ),
    pull=Bluesky(),
    profile="account",
)  # fmt: skip

META = SourceKind(
    key="meta",
    label=_("Facebook and Instagram"),
    description=_(
        "Posts, insights, followers and comments of a Facebook page or an Instagram professional account."
    ),
    settings=(
        Parameter(
            "access_token", _("Access token"), ParameterKind.SECRET, required=True,
            help=_("Of a person or system user who manages the pages, or of a page itself."),
        ),
        Parameter("account", _("Account"), ParameterKind.TEXT, default="", help=ACCOUNT_HELP),
        Parameter(
            "network", _("Network"), ParameterKind.CHOICE, default="facebook",
            choices=(Choice("facebook", "Facebook"), Choice("instagram", "Instagram")),
        ),
        PROFILE_NAME,
        Parameter(
            "app_id", _("App id"), ParameterKind.TEXT, default="", advanced=True,
            help=_("With the app's secret, Meta says when the access token ends."),
        ),
        Parameter("app_secret", _("App secret"), ParameterKind.SECRET, advanced=True),
    ),
    pull=Meta(),
    profile="account",
)  # fmt: skip

YOUTUBE = SourceKind(
    key="youtube",
    label=_("YouTube"),
    description=_("Videos, subscribers and comments of a channel on YouTube."),
    settings=(
        Parameter(
            "api_key", _("API key"), ParameterKind.SECRET, required=True,
            help=_("Of a project in the Google Cloud console in which the YouTube Data API v3 is enabled."),
        ),
        Parameter("account", _("Channel"), ParameterKind.TEXT, default="", help=ACCOUNT_HELP),
        PROFILE_NAME,
        HANDLES,
    ),
    pull=YouTube(),
    profile="account",
)  # fmt: skip

NETWORK_KINDS = (MASTODON, BLUESKY, META, YOUTUBE)
