"""Kinds of source that are pulled: how often, and by which setting their profiles are told apart."""

from __future__ import annotations

from datetime import timedelta

from bilan.sdk.messages import Message
from bilan.sdk.parameters import ParameterKind
from bilan.sdk.pulls import Discovery
from bilan.sdk.sources import SourceKind
from bilan.sdk.textdomain import _

OFTEN = timedelta(minutes=1)
"""The shortest time from one pull of a source to the next."""


def unpullable(kind: SourceKind) -> Message | None:
    """Why sources of this kind cannot be pulled, if it says that they are."""
    if kind.profile and kind.profile not in {
        one.key for one in kind.settings if one.kind is ParameterKind.TEXT
    }:
        return _(
            "profiles of {kind} are told apart by {setting}, which is none of its text settings",
            kind=kind.key, setting=kind.profile,
        )  # fmt: skip
    if kind.pulled_with and kind.pulled_with not in {one.key for one in kind.settings}:
        return _(
            "{kind} is pulled with {setting}, which is none of its settings",
            kind=kind.key, setting=kind.pulled_with,
        )  # fmt: skip
    if kind.pull is None:
        return None
    if isinstance(kind.pull, Discovery) and not kind.profile:
        return _("{kind} finds profiles, but names no setting that holds the key of one", kind=kind.key)
    if kind.pull.every < OFTEN:
        return _("{kind} is pulled more often than once a minute", kind=kind.key)
    return None
