"""What a token of Meta may do, when it ends, and which profiles are behind it.

https://developers.facebook.com/docs/graph-api/reference/debug_token,
https://developers.facebook.com/docs/permissions and
https://developers.facebook.com/docs/graph-api/reference/user/accounts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from bilan.sdk import (
    Discovered,
    Forbidden,
    Invalid,
    JsonObject,
    Message,
    Unauthenticated,
    read_flag,
    read_object,
    read_text,
)
from bilan_social_profiles.networks.meta.facebook import NETWORK as FACEBOOK
from bilan_social_profiles.networks.meta.graph import Graph
from bilan_social_profiles.networks.meta.instagram import NETWORK as INSTAGRAM
from bilan_social_profiles.textdomain import _

RIGHTS = {
    FACEBOOK: {
        "pages_read_engagement": _("posts and followers"),
        "read_insights": _("reach, views and clicks"),
        "pages_read_user_content": _("comments"),
    },
    INSTAGRAM: {
        "instagram_basic": _("posts and followers"),
        "instagram_manage_insights": _("reach, views and clicks"),
        "instagram_manage_comments": _("comments"),
        "pages_read_engagement": _("the page that the account belongs to"),
    },
}
"""What each right is needed for."""
PAGE_FIELDS = "id,name,access_token,instagram_business_account{id,username}"


@dataclass(frozen=True, slots=True)
class Token:
    """What ``debug_token`` says: the kind of token, its rights, and when it ends or sees no more data."""

    kind: str
    scopes: frozenset[str]
    ends_at: datetime | None

    def missing(self, network: str) -> tuple[Message, ...]:
        """A sentence for each right that a network needs and that is not there."""
        return tuple(
            _("The right “{right}” is missing ({what}).", right=right, what=what)
            for right, what in RIGHTS[network].items()
            if right not in self.scopes
        )


def token_of(graph: Graph) -> Token | None:
    """What is known of the token; ``None`` where Meta tells only the app, whose id and secret are not given.

    Raises ``Unauthenticated`` where the token is no longer good.
    """
    try:
        data = read_object(graph.ask_as_app("debug_token", input_token=graph.token).get("data"))
    except (Forbidden, Invalid):
        return None
    if not data:
        return None
    if not read_flag(data.get("is_valid")):
        said = read_text(read_object(data.get("error")).get("message"))
        raise Unauthenticated(
            _("The access token is no longer good, says Meta: {said} Connect again.", said=said[:300])
        )
    return read_token(data)


def read_token(data: JsonObject) -> Token:
    """What ``debug_token`` tells of a token that is good; 0 is an end that never comes."""
    ends = [at for key in ("expires_at", "data_access_expires_at") if (at := data.get(key))]
    return Token(
        read_text(data.get("type")),
        frozenset(map(read_text, data.get("scopes") or ())),
        datetime.fromtimestamp(min(ends), UTC) if ends else None,
    )


def profiles(graph: Graph, token: Token | None) -> Iterator[Discovered]:
    """The pages of a person's token, or the page whose token it is, with their Instagram accounts."""
    if token is not None and token.kind == "PAGE":
        yield from _profiles(graph.get("me", fields=PAGE_FIELDS), graph.token)
        return
    for page in graph.items("me/accounts", fields=PAGE_FIELDS, limit=100):
        yield from _profiles(page, graph.token)


def _profiles(page: JsonObject, token: str) -> Iterator[Discovered]:
    own = read_text(page.get("access_token")) or token
    name, ident = read_text(page.get("name")), read_text(page.get("id"))
    yield _discovered(FACEBOOK, f"{name} (Facebook)", name, ident, own)
    account = read_object(page.get("instagram_business_account"))
    if account:
        handle = f"@{read_text(account.get('username'))}"
        yield _discovered(INSTAGRAM, f"{handle} (Instagram)", handle, read_text(account.get("id")), own)


def _discovered(network: str, name: str, profile: str, key: str, token: str) -> Discovered:
    return Discovered(name, {"network": network, "access_token": token, "profile": profile}, key)
