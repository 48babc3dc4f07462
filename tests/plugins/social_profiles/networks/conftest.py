"""The tests' networks, and sources of each kind that ask them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any

import pytest

from bilan_social_profiles.networks.kinds import NETWORK_KINDS
from support.networks.population import (
    BLUESKY_PASSWORD,
    CHANNEL,
    DID,
    INSTAGRAM,
    MASTODON_TOKEN,
    PAGE,
    PAGE_TOKEN,
    YOUTUBE_KEY,
    populated,
)
from support.networks.server import Networks, networks
from support.networks.world import Network, World
from support.pulled import PulledSource

KINDS = {kind.key: kind for kind in NETWORK_KINDS}
SETTINGS: Mapping[Network, tuple[str, dict[str, Any]]] = {
    Network.MASTODON: (
        "mastodon",
        {"instance": "mastodon.example", "access_token": MASTODON_TOKEN, "account": "14715"},
    ),
    Network.BLUESKY: ("bluesky", {"app_password": BLUESKY_PASSWORD, "account": DID}),
    Network.FACEBOOK: ("meta", {"access_token": PAGE_TOKEN, "network": "facebook", "account": PAGE}),
    Network.INSTAGRAM: ("meta", {"access_token": PAGE_TOKEN, "network": "instagram", "account": INSTAGRAM}),
    Network.YOUTUBE: ("youtube", {"api_key": YOUTUBE_KEY, "account": CHANNEL}),
}
Connect = Callable[..., PulledSource]


@pytest.fixture
def world() -> World:
    return populated(posts=9)


@pytest.fixture
def server(world: World) -> Generator[Networks]:
    """Pages of three entries, so that every list has some."""
    with networks(world, largest=3) as serving:
        yield serving


@pytest.fixture
def connect(server: Networks) -> Connect:
    """A source of a network, with settings other than the usual ones."""

    def make(network: Network, **settings: Any) -> PulledSource:
        return connected(server, network, **settings)

    return make


def connected(server: Networks, network: Network, **settings: Any) -> PulledSource:
    """A source of a network's first account."""
    kind, usual = SETTINGS[network]
    return PulledSource(server, KINDS[kind], {**usual, **settings})
