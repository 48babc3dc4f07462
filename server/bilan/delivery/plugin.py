"""The core's channel, through the hook that plugins use."""

from __future__ import annotations

from bilan.delivery.email.channel import EMAIL
from bilan.sdk.channels import Channel
from bilan.sdk.hooks import hookimpl
from bilan.sdk.plugins import Plugin
from bilan.sdk.textdomain import _


class _Delivery:
    """E-mail."""

    @hookimpl
    def register_plugin(self) -> Plugin:
        return Plugin(name="delivery", namespace="delivery", label=_("Delivery"), package="bilan")

    @hookimpl
    def register_channels(self) -> tuple[Channel, ...]:
        return (EMAIL,)


DELIVERY = _Delivery()
