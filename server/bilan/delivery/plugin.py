"""The core's channels, through the hook that plugins use."""

from __future__ import annotations

from bilan.delivery.email.channel import EMAIL
from bilan.delivery.webhook.channel import WEBHOOK
from bilan.sdk.channels import Channel
from bilan.sdk.hooks import hookimpl
from bilan.sdk.plugins import Plugin
from bilan.sdk.textdomain import _


class _Delivery:
    """E-mail and webhooks."""

    @hookimpl
    def register_plugin(self) -> Plugin:
        return Plugin(name="delivery", namespace="delivery", label=_("Delivery"), package="bilan")

    @hookimpl
    def register_channels(self) -> tuple[Channel, ...]:
        return (EMAIL, WEBHOOK)


DELIVERY = _Delivery()
