"""LinkedIn pages: posts, and the statistics of what was shared, which several tables tie together."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from bilan.sdk import (
    CompanionTables,
    Fact,
    Reject,
    RowFacts,
    TableRow,
    Unreadable,
    UnreadableRow,
    in_table,
    read_text,
)
from bilan_social_profiles.facts import post_fact
from bilan_social_profiles.post_kinds import read_post_kind
from bilan_social_profiles.readers.connector.versions import (
    Profiles,
    Version,
    Versions,
    count,
    ident,
    moment,
    synced,
)
from bilan_social_profiles.textdomain import _

NETWORK = "linkedin"
STATISTICS = "linkedin_pages_share_statistic_data"
POSTS = "linkedin_pages_ugc_post_history_data"
CONTENT = "linkedin_pages_post_content_data"
LINKS = "linkedin_pages_ugc_post_share_statistic_data"
OWNERS = "linkedin_pages_organization_ugc_post_data"
TABLES = (STATISTICS, POSTS, CONTENT, LINKS, OWNERS)
PUBLISHED = "PUBLISHED"


def read(tables: CompanionTables, profiles: Profiles) -> Iterator[RowFacts | Reject]:
    """Posts with their last known figures; a row that ties together what did not come along is a reject."""
    shares = {
        key: _number(post)
        for key, (post,) in tables.lookup(LINKS, "share_statistic_id", "ugc_post_id").items()
    }
    kinds = {_number(key): kind for key, (kind,) in tables.lookup(CONTENT, "post_id", "type").items()}
    posts = Versions(tables, POSTS, _post)
    statistics = Versions(tables, STATISTICS, lambda row: _statistic(row, shares))

    def post(key: str) -> list[Fact]:
        known: dict[str, Any] = {
            "published_at": None,
            **posts.last.get(key, {}),
            **statistics.last.get(key, {}),
        }
        page, kind = known["profile_id"], read_post_kind(kinds.get(key, ""))
        return [post_fact(network=NETWORK, profile=profiles.of(page), post=key, kind=kind, **known)]

    yield from posts.facts(post)
    yield from statistics.facts(post)
    known = posts.last.keys() | statistics.last.keys()
    yield from _left_over(tables, CONTENT, "post_id", known)
    yield from _left_over(tables, LINKS, "ugc_post_id", known)
    yield from _left_over(tables, OWNERS, "ugc_post_id", known)


def _number(urn: str) -> str:
    """The number in a name such as ``urn:li:share:1``: tables write it with and without the rest."""
    return urn.rpartition(":")[2]


def _post(row: TableRow) -> Version:
    if (state := read_text(row.get("lifecycle_state"))) not in ("", PUBLISHED):
        raise Unreadable(_("This post is not published: its state is {state}.", state=state))
    urn = ident(row, "id")
    columns = {
        "published_at": moment(row, "first_published_at") or moment(row, "created_time"),
        "profile_id": _number(ident(row, "author")),
        "text": read_text(row.get("commentary")),
        "url": f"https://www.linkedin.com/feed/update/{urn}",
    }
    return Version(_number(urn), (moment(row, "last_modified_time") or synced(row), synced(row)), columns)


def _statistic(row: TableRow, shares: Mapping[str, str]) -> Version:
    """What a post has reached until then. ``engagement`` is a rate of LinkedIn's and left out."""
    urn = ident(row, "_share_entity_urn")
    columns = {
        "profile_id": _number(ident(row, "_organization_entity_urn")),
        "impressions": count(row, "impression_count"),
        "clicks": count(row, "click_count"),
        "reactions": count(row, "like_count"),
        "comments": count(row, "comment_count"),
        "shares": count(row, "share_count"),
        "url": f"https://www.linkedin.com/feed/update/{urn}",
    }
    return Version(shares.get(read_text(row.get("_fivetran_id")), _number(urn)), synced(row), columns)


def _left_over(tables: CompanionTables, name: str, column: str, known: Collection[str]) -> Iterator[Reject]:
    reason = in_table(name, _("Its post is in none of the tables; hand them over together."))
    for number, row in tables.rows(name):
        if isinstance(row, UnreadableRow):
            yield Reject(number, in_table(name, row.reason), row.raw)
        elif _number(read_text(row.get(column))) not in known:
            yield Reject(number, reason, json.dumps(row, ensure_ascii=False, default=str))
