"""The pull of a Facebook page or an Instagram professional account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from bilan.sdk import (
    Checked,
    Discovered,
    Invalid,
    JsonObject,
    NotFound,
    PullContext,
    Pulled,
    read_count,
    read_text,
)
from bilan_social_profiles.networks.facts import Profile
from bilan_social_profiles.networks.meta import facebook, instagram
from bilan_social_profiles.networks.meta.days import PACIFIC
from bilan_social_profiles.networks.meta.graph import HOST, Graph
from bilan_social_profiles.networks.meta.metrics import Metrics
from bilan_social_profiles.networks.meta.rights import COMMENTS, INSIGHTS, Rights
from bilan_social_profiles.networks.meta.tokens import profiles, token_of
from bilan_social_profiles.networks.reading import Reading, Step
from bilan_social_profiles.networks.settings import text_of
from bilan_social_profiles.textdomain import _


class Meta:
    """Implements :class:`bilan.sdk.Discovery`."""

    every = timedelta(hours=6)

    def hosts(self, settings: Mapping[str, Any]) -> tuple[str, ...]:  # noqa: ARG002 - of the protocol
        """The Graph API, and where its pictures are."""
        return (HOST, "*.fbcdn.net", "*.cdninstagram.com")

    def check(self, context: PullContext) -> Checked:
        """The profile, else how many are behind the token; its rights, and when it ends."""
        graph = Graph(context)
        token, key = token_of(graph), text_of(context.settings, "account")
        ends_at = token.ends_at if token else None
        unknown = () if token else (
            _("Meta does not say when the token ends: give the id and the secret of its app."),
        )  # fmt: skip
        if not key:
            found = list(profiles(graph, token))
            said = _("Sees these profiles: {names}.", names=", ".join(one.name for one in found))
            return Checked(said if found else _("Sees no profile."), ends_at, unknown)
        network = _network(context)
        profile = _profile(graph, network, key)
        return Checked(
            _(
                "Sees {profile} (followers: {followers}).",
                profile=_name(profile),
                followers=read_count(profile.get("followers_count")),
            ),
            ends_at,
            unknown + (token.missing(network) if token else ()),
        )

    def discover(self, context: PullContext) -> Iterable[Discovered]:
        """The pages behind the token and their Instagram accounts, each with its page's own token."""
        graph = Graph(context)
        yield from profiles(graph, token_of(graph))

    def pull(self, context: PullContext) -> Iterator[Pulled]:
        """Followers of today, days, posts, those that are gone, stories, and comments."""
        if not (key := text_of(context.settings, "account")):
            raise Invalid(_("Choose the profile: find the profiles behind the token."), ("account",))
        graph, network = Graph(context), _network(context)
        yield from (_page if network == facebook.NETWORK else _account)(graph, key)


def _page(graph: Graph, key: str) -> Iterator[Pulled]:
    # A post's id is that of its page, a low line and a number, which is what is remembered.
    reading = Reading(graph.context, lambda post: post.rpartition("_")[2])
    found, metrics = _profile(graph, facebook.NETWORK, key), Metrics(reading)
    profile = reading.profile(facebook.NETWORK, _name(found), key)
    rights = Rights(reading)
    page = facebook.FacebookPage(graph, reading, metrics, rights, profile)
    steps = [Step("days", _("Days"), rights.of(INSIGHTS, page.days)), Step("posts", _("Posts"), page.posts)]
    if reading.usual:
        steps.insert(0, _counted(reading, profile, found))
        gone = reading.deleted(profile, page.is_gone, lambda number: f"{key}_{number}")
        steps.append(Step("deleted", _("Deleted posts"), gone))
    steps.append(Step("comments", _("Comments"), rights.of(COMMENTS, page.comments)))
    yield from reading.run(steps, graph.pause)
    yield from reading.finish([*metrics.notes(), *rights.notes()])


def _account(graph: Graph, key: str) -> Iterator[Pulled]:
    reading = Reading(graph.context)
    found, metrics = _profile(graph, instagram.NETWORK, key), Metrics(reading)
    profile = reading.profile(instagram.NETWORK, _name(found), key)
    rights = Rights(reading)
    username = read_text(found.get("username"))
    account = instagram.InstagramAccount(graph, reading, metrics, rights, profile, username)
    steps = [
        Step("days", _("Days"), rights.of(INSIGHTS, account.days)),
        Step("posts", _("Posts"), account.posts),
    ]
    if reading.usual:
        steps.insert(0, _counted(reading, profile, found))
        steps.append(Step("deleted", _("Deleted posts"), reading.deleted(profile, account.is_gone)))
        steps.append(Step("stories", _("Stories"), account.stories))
    steps.append(Step("comments", _("Comments"), rights.of(COMMENTS, account.comments)))
    yield from reading.run(steps, graph.pause)
    yield from reading.finish([*metrics.notes(), *rights.notes()])


def _counted(reading: Reading, profile: Profile, found: JsonObject) -> Step:
    """The followers of today, until the insights of this day tell them."""
    today = reading.context.now.astimezone(PACIFIC).date()
    return reading.counted(profile, today, read_count(found.get("followers_count")))


def _network(context: PullContext) -> str:
    return text_of(context.settings, "network") or facebook.NETWORK


def _profile(graph: Graph, network: str, key: str) -> JsonObject:
    try:
        return graph.get(key, fields=facebook.FIELDS if network == facebook.NETWORK else instagram.FIELDS)
    except NotFound as error:
        raise NotFound(
            _(
                "The profile {profile} can no longer be found: it was deleted, or the access token no longer "
                "sees it. What was read of it stays.",
                profile=text_of(graph.context.settings, "profile") or key,
            )
        ) from error


def _name(found: JsonObject) -> str:
    username = read_text(found.get("username"))
    return f"@{username}" if username else read_text(found.get("name"))
