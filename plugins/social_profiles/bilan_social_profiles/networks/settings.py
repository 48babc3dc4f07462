"""Settings that kinds of networks share."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bilan.sdk import Invalid, Parameter, ParameterKind
from bilan_social_profiles.networks.addresses import host_of
from bilan_social_profiles.textdomain import _

HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{2,59})")
"""The name of a host, never an address of figures."""

PROFILE_NAME = Parameter(
    "profile", _("Name in reports"), ParameterKind.TEXT, default="",
    help=_(
        "Under this name its figures stand, also where the profile is called otherwise later. Empty takes "
        "its present handle."
    ),
)  # fmt: skip
HANDLES = Parameter(
    "handles", _("Handles to look for"), ParameterKind.TAGS, default=(), advanced=True,
    help=_("Whose profiles are offered besides that of the credentials: what is public needs none."),
)  # fmt: skip


def check_host(written: str) -> None:
    """Raise ``Invalid`` where a text names no host."""
    if not HOST.fullmatch(host_of(written)):
        raise Invalid(_("“{host}” is no name of a server; write it as mastodon.social.", host=written[:80]))


def text_of(settings: Mapping[str, Any], key: str) -> str:
    """A text setting without space around it; empty where it is missing."""
    return str(settings.get(key) or "").strip()


def handles_of(settings: Mapping[str, Any]) -> Iterator[str]:
    """The handles to look for, without the mark before them."""
    for handle in settings.get("handles") or ():
        if name := str(handle).strip().removeprefix("@"):
            yield name
