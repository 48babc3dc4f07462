"""Ways to hand over come through a hook, the core's own e-mail too."""

from __future__ import annotations

import pytest

from bilan.delivery.email.channel import EmailTransport
from bilan.delivery.plugin import DELIVERY
from bilan.registry.gather import load
from bilan.sdk.channels import Channel, ChannelContext, RawMessage, Transport
from bilan.sdk.errors import Invalid, Misdeclared
from bilan.sdk.hooks import hookimpl
from bilan.sdk.messages import messages
from bilan.sdk.plugins import Plugin
from bilan.settings import Settings

_ = messages("bilan")[0]


async def nowhere(message: RawMessage) -> None:
    """Keeps nothing."""


def opened(**settings: object) -> Transport:
    context = ChannelContext(Settings(**settings).named, "https://bilan.example.org", nowhere)  # type: ignore[arg-type]
    return load([("delivery", DELIVERY)], installed=False).channels["email"].open(context)


def test_hook_register_channels_opens_the_cores_own() -> None:
    channels = load([("delivery", DELIVERY)], installed=False).channels
    assert {key: str(one.label) for key, one in channels.items()} == {"email": "E-mail", "webhook": "Webhook"}
    assert isinstance(opened(), EmailTransport)


def test_a_plugin_brings_a_channel_of_its_own_and_reads_its_own_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[str] = []

    def open_pigeon(context: ChannelContext) -> Transport:
        heard.extend((context.setting("pigeon_loft"), context.setting("port")))
        return opened()

    class Pigeons:
        @hookimpl
        def register_plugin(self) -> Plugin:
            return Plugin(name="pigeons", namespace="pigeons", label=_("Delivery"), package="bilan")

        @hookimpl
        def register_channels(self) -> tuple[Channel, ...]:
            return (Channel("pigeon", _("Delivery"), open_pigeon),)

    monkeypatch.setenv("BILAN_PIGEON_LOFT", "roof")
    found = load([("delivery", DELIVERY), ("pigeons", Pigeons())], installed=False).channels
    assert set(found) == {"email", "webhook", "pigeon"}
    found["pigeon"].open(ChannelContext(Settings().named, "https://bilan.example.org", nowhere))
    assert heard == ["roof", "8000"]

    class Copycat(Pigeons):
        @hookimpl
        def register_channels(self) -> tuple[Channel, ...]:
            return (Channel("email", _("E-mail"), open_pigeon),)

    with pytest.raises(Misdeclared, match="another plugin already hands over by email"):
        load([("delivery", DELIVERY), ("pigeons", Copycat())], installed=False)


@pytest.mark.parametrize(
    "wrong", [{"mail_url": "mail.example.org"}, {"mail_from": "nobody"}], ids=lambda one: next(iter(one))
)
def test_a_setting_that_can_not_be_used_is_said_when_the_server_starts(wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        opened(**wrong)
