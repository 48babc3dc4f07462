"""Profiles that are connected to a server: found, pulled by its jobs, said, and connected again."""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta

import pytest

from bilan.accounts import Principal
from bilan.accounts.models import Workspace
from bilan.accounts.values import OperatorPrincipal
from bilan.catalog import Catalog
from bilan.clock import FrozenClock
from bilan.registry.declared import Registry
from bilan.registry.gather import load
from bilan.work import State
from bilan_social_profiles import PLUGIN
from bilan_social_profiles.vocabulary import COMMUNITY, POSTS, PROFILE_DAYS
from fixtures.ingest import MemoryFacts
from plugins.social_profiles.networks.conftest import SETTINGS
from support.networks import faults, oracle
from support.networks.population import META_TOKEN, NOW, PAGE, PAGE_TOKEN, populated
from support.networks.server import Networks, networks
from support.networks.world import Network, Token, World
from support.pulling import Pulling

pytestmark = [pytest.mark.requirement("AD-17"), pytest.mark.integration]


@pytest.fixture(scope="session")
def social_registry() -> Registry:
    """The core and this plugin."""
    return load([("social_profiles", PLUGIN)], installed=False)


@pytest.fixture
def world() -> World:
    return populated(posts=5)


@pytest.fixture
def server(world: World) -> Generator[Networks]:
    with networks(world, largest=3) as serving:
        yield serving


@pytest.fixture
async def operator(sqlite_catalog: Catalog) -> Principal:
    workspace = await Workspace.create(name="W", zone="UTC", first_weekday=0, language="en", created_at=NOW)
    return OperatorPrincipal(workspace=workspace.id)


@pytest.fixture
def pulling(
    sqlite_catalog: Catalog, social_registry: Registry, facts: MemoryFacts, server: Networks
) -> Pulling:
    """The parts of a server that pull, which find the networks at the tests' own."""
    private = ",".join(f"{host}={server.url}" for host in server.hosts)
    return Pulling(sqlite_catalog, FrozenClock(NOW), social_registry, facts, private=private)


@pytest.mark.parametrize("network", list(Network))
async def test_a_profile_of_every_network_is_pulled_by_a_job(
    pulling: Pulling, operator: Principal, world: World, network: Network
) -> None:
    kind, settings = SETTINGS[network]
    source = await pulling.sources.add(
        operator, plugin="social", kind=kind, name="Atelier", settings=dict(settings)
    )
    run = await pulling.pulled(operator, source.id)

    assert (run.state, run.rejected, run.known) == (State.SUCCEEDED, 0, 0)
    told = set(oracle.posts(world, world.only(network)))
    assert {row["post"] for row in pulling.facts.rows(POSTS)} <= told
    assert len(pulling.facts.rows(POSTS)) == 5
    assert {row["item"] for row in pulling.facts.rows(COMMUNITY)} == set(
        oracle.community(world, world.only(network))
    )
    assert NOW.date() in {row["day"] for row in pulling.facts.rows(PROFILE_DAYS)}
    status = await pulling.pulls.status(operator, source.id)
    assert str(status.checked).startswith("Sees ")
    assert status.every == timedelta(hours=6)


async def test_profiles_behind_a_token_become_sources_and_keep_their_history_when_connected_again(
    pulling: Pulling, operator: Principal, world: World
) -> None:
    offered = await pulling.pulls.discover(operator, "social", "meta", {"access_token": META_TOKEN})
    assert [one.name for one in offered.profiles] == [
        "Atelier Bleu (Facebook)",
        "@atelier.bleu (Instagram)",
        "Atelier Rouge (Facebook)",
    ]
    (page,) = await pulling.pulls.connect(operator, offered.id, [PAGE])
    await pulling.pulled(operator, page.id)
    before = pulling.facts.rows(POSTS)
    assert {row["profile"] for row in before} == {"Atelier Bleu"}

    # The page is renamed, its token is withdrawn, and somebody connects it again with another one.
    world.only(Network.FACEBOOK).name = "Atelier Bleu & Fils"
    world.tokens[PAGE_TOKEN].withdrawn_at = world.now
    failed = await pulling.pulled(operator, page.id)
    assert (failed.state, str(failed.failure)) == (
        State.FAILED,
        "Who made the access token has removed the app. Connect again.",
    )
    assert pulling.facts.rows(POSTS) == before

    del world.tokens[PAGE_TOKEN]
    world.tokens["EAArenewed"] = Token("EAArenewed", (PAGE,), world.tokens[META_TOKEN].scopes)
    again = await pulling.pulls.discover(operator, "social", "meta", {"access_token": META_TOKEN})
    assert [one.source.id for one in again.profiles if one.source] == [page.id]
    (same,) = await pulling.pulls.connect(operator, again.id, [PAGE])
    assert same.id == page.id
    run = await pulling.pulled(operator, page.id)
    assert (run.state, run.new) == (State.SUCCEEDED, 0)
    assert pulling.facts.rows(POSTS) == before


async def test_a_token_that_ends_soon_is_told_of_with_its_day(pulling: Pulling, operator: Principal) -> None:
    settings = {"access_token": META_TOKEN, "network": "facebook", "account": PAGE}
    source = await pulling.sources.add(
        operator, plugin="social", kind="meta", name="Atelier", settings=settings
    )
    checked = await pulling.pulls.check(operator, source.id)
    assert str(checked.said).startswith("Sees Atelier Bleu (followers: ")
    assert (checked.ends_at, checked.missing) == (NOW + timedelta(days=60), ())


@pytest.mark.parametrize("network", [Network.FACEBOOK, Network.YOUTUBE])
async def test_a_network_that_limits_in_words_of_its_own_puts_the_pull_off(
    pulling: Pulling, operator: Principal, server: Networks, network: Network
) -> None:
    kind, settings = SETTINGS[network]
    source = await pulling.sources.add(
        operator, plugin="social", kind=kind, name="Atelier", settings=dict(settings)
    )
    site = "youtube." if network is Network.YOUTUBE else "meta."
    server.order(site, faults.limited(seconds=600), skip=3, times=1)
    begun = await pulling.pulls.start(operator, source.id)
    await pulling.work()
    run = await pulling.pulls.get(operator, begun.id)
    assert run.state is State.RUNNING
    assert run.waits_until is not None
    pulling.clock.move(run.waits_until - pulling.clock.now())
    await pulling.work()
    done = await pulling.pulls.get(operator, begun.id)
    assert (done.state, len(pulling.facts.rows(POSTS))) == (State.SUCCEEDED, 5)


async def test_a_page_of_which_meta_has_counted_enough_for_now_is_read_on_later(
    pulling: Pulling, operator: Principal, server: Networks
) -> None:
    site = server.hosts["graph.facebook.com"]
    source = await pulling.sources.add(
        operator, plugin="social", kind="meta", name="Atelier", settings=dict(SETTINGS[Network.FACEBOOK][1])
    )
    site.used = 96  # pyright: ignore[reportAttributeAccessIssue]
    begun = await pulling.pulls.start(operator, source.id)
    await pulling.work()
    run = await pulling.pulls.get(operator, begun.id)
    assert (run.state, run.waits_until) == (State.RUNNING, NOW + timedelta(hours=1))
    site.used = 5  # pyright: ignore[reportAttributeAccessIssue]
    pulling.clock.move(timedelta(hours=1))
    await pulling.work()
    done = await pulling.pulls.get(operator, begun.id)
    assert (done.state, len(pulling.facts.rows(POSTS))) == (State.SUCCEEDED, 5)
