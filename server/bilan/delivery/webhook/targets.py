"""Targets: what is filled in of a place that is posted to, and how it is named without its secret."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import httpx2

from bilan.delivery.webhook.signing import check_secret
from bilan.outbound import PrivateHosts
from bilan.outbound.addresses import is_public
from bilan.sdk.channels import ReadSetting
from bilan.sdk.errors import Invalid
from bilan.sdk.parameters import Choice, Parameter, ParameterKind
from bilan.sdk.textdomain import _


class WebhookForm(StrEnum):
    """What reads a webhook, and so the form of what is posted."""

    JSON = "json"
    SLACK = "slack"
    TEAMS = "teams"
    GOOGLE_CHAT = "google_chat"
    MATTERMOST = "mattermost"


PRIVATE_HOSTS = "webhook_private_hosts"
LONGEST = 2000
SETTINGS = (
    Parameter(
        "form",
        _("What reads it"),
        ParameterKind.CHOICE,
        default=WebhookForm.JSON.value,
        choices=(
            Choice(WebhookForm.JSON, _("A program (signed JSON)")),
            Choice(WebhookForm.SLACK, "Slack"),
            Choice(WebhookForm.TEAMS, "Microsoft Teams"),
            Choice(WebhookForm.GOOGLE_CHAT, "Google Chat"),
            Choice(WebhookForm.MATTERMOST, "Mattermost"),
        ),
        help=_("Chats show the finding, the leading figures and links; a program gets the figures as JSON."),
    ),
    Parameter(
        "url",
        _("Address of the webhook"),
        ParameterKind.SECRET,
        required=True,
        help=_("Made where it is read: an “incoming webhook” of the chat. Whoever knows it can post there."),
    ),
    Parameter(
        "secret",
        _("Signing secret"),
        ParameterKind.SECRET,
        help=_("For programs: the same text stands there, and proves that a post comes from here."),
        check=check_secret,
    ),
)


def private_hosts(setting: ReadSetting) -> PrivateHosts:
    """The hosts that may be posted to although they are private, as the operator named them."""
    return PrivateHosts(setting(PRIVATE_HOSTS), f"BILAN_{PRIVATE_HOSTS}".upper())


def identify(values: Mapping[str, Any], setting: ReadSetting) -> str:
    """The address by which a target is known: its host, and what tells it from others there.

    Raises ``Invalid`` with the path of what cannot be used.
    """
    url = _checked(values["url"], private_hosts(setting))
    if values["form"] == WebhookForm.JSON and not values.get("secret"):
        raise Invalid(
            _("A program needs a signing secret, to know that a post comes from here."), ("secret",)
        )
    return f"{url.scheme}://{url.netloc.decode()}/#{hashlib.sha256(str(url).encode()).hexdigest()[:8]}"


def _checked(written: str, private: PrivateHosts) -> httpx2.URL:
    try:
        url = httpx2.URL(written.strip())
    except (httpx2.InvalidURL, UnicodeError):
        url = httpx2.URL("")
    if not url.host or url.scheme not in ("https", "http") or url.userinfo or len(written) > LONGEST:
        raise Invalid(_("The address begins with https:// and the name of a host."), ("url",))
    if url.host in private.origins:
        return url
    if url.scheme != "https":
        raise Invalid(_("{host} is asked by https alone.", host=url.host), ("url",))
    try:
        public = is_public(url.host.strip("[]"))
    except ValueError:
        return url  # a name: what it means is looked at whenever it is posted to
    if not public:
        raise Invalid(
            _("{host} is in a private network, which is not asked. Where it has to be, the operator can "
              "name it in {setting}.", host=url.host, setting=private.setting),
            ("url",),
        )  # fmt: skip
    return url
