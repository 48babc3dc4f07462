"""Instagram professional accounts, their media and comments.

https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference (``ig-user``,
``ig-media``, ``ig-comment``) and the two ``insights`` below them.
"Timestamps in API responses use UTC with zero offset."
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from support.networks.calls import Call
from support.networks.content import INSTAGRAM, address
from support.networks.identifiers import graph_time
from support.networks.meta.errors import missing, refused
from support.networks.meta.fields import Field
from support.networks.meta.insights import of_media, of_user
from support.networks.meta.objects import Found
from support.networks.meta.times import moment
from support.networks.world import Comment, Form

if TYPE_CHECKING:
    from support.networks.meta.site import Meta

MEDIA_TYPES = {
    Form.PHOTO: "IMAGE",
    Form.STORY: "IMAGE",
    Form.ALBUM: "CAROUSEL_ALBUM",
    Form.VIDEO: "VIDEO",
    Form.REEL: "VIDEO",
}
MOVING = {Form.VIDEO, Form.REEL}


def field(site: Meta, found: Found, asked: Field, call: Call) -> Any:
    """A field of a user, a medium or a comment."""
    readers = {"user": USER, "media": MEDIA, "reply": REPLY}[found.kind]
    if asked.name not in readers:
        kind = {"user": "IGUser", "media": "IGMedia", "reply": "IGComment"}[found.kind]
        raise refused(100, f"(#100) Tried accessing nonexisting field ({asked.name}) on node type ({kind})")
    return readers[asked.name](site, found, call)


def edge(
    site: Meta, found: Found, name: str, query: dict[str, str], fields: list[Field], call: Call
) -> dict[str, Any]:
    """An edge of a user, a medium or a comment."""
    nested = None if name == call.named.get("edge") and call.named.get("id") == found.id else query
    now, account = site.world.now, found.account
    if name == "insights":
        return of_user(site, found, query, call) if found.kind == "user" else of_media(site, found, query)
    if name == "tags":
        return {"data": []}
    if name == "children":
        return {"data": [{"id": f"{found.id}{place}"} for place, _name in enumerate(found.its_post.pictures)]}
    if name in {"media", "stories"}:
        since, until = query.get("since"), query.get("until")
        entries = [
            Found("media", account, post)
            for post in account.listed(now)
            if (post.form is Form.STORY) == (name == "stories")
            and (not since or post.at >= moment(since))
            and (not until or post.at <= moment(until))
        ]
    elif name in {"comments", "replies"}:
        top = found.comment.answers if found.comment else found.its_post.comments
        there = sorted((one for one in top if one.there(now)), key=lambda one: one.at, reverse=True)
        entries = [Found("reply", account, found.post, one) for one in there]
    else:
        raise missing(found.id)
    shown, paging = site.cut(call, entries, lambda one: one.id, 25, 100, nested)
    return {"data": [site.shown(one, fields or one.standard(), call) for one in shown], **paging}


def product(form: Form) -> str:
    """Where a medium is published: videos are reels."""
    return "STORY" if form is Form.STORY else "REELS" if form in MOVING else "FEED"


def _picture(found: Found, call: Call, ending: str = "jpg") -> str:
    return address(call.base, INSTAGRAM, "v/t51.2885-15", found.its_post.pictures[0], ending)


def _written(found: Found) -> Comment:
    assert found.comment
    return found.comment


def _permalink(found: Found) -> str:
    kind = "reel" if found.its_post.form in MOVING else "p"
    return f"https://www.instagram.com/{kind}/{found.its_post.id[-11:]}/"


def _answers(site: Meta, found: Found, call: Call) -> dict[str, Any] | None:
    there = [one for one in _written(found).answers if one.there(site.world.now)]
    entries = [Found("reply", found.account, found.post, one) for one in there]
    return {"data": [site.shown(one, one.standard(), call) for one in entries]} if entries else None


Reader = Callable[["Meta", Found, Call], Any]
USER: dict[str, Reader] = {
    "id": lambda _site, found, _call: found.account.id,
    "username": lambda _site, found, _call: found.account.handle,
    "name": lambda _site, found, _call: found.account.name,
    "biography": lambda _site, found, _call: found.account.about,
    "followers_count": lambda site, found, _call: found.account.followers(site.world.now),
    "follows_count": lambda _site, _found, _call: 12,
    "media_count": lambda site, found, _call: len(found.account.listed(site.world.now)),
    "profile_picture_url": lambda _site, found, call: address(
        call.base, INSTAGRAM, "v", found.account.avatar
    ),
    "website": lambda _site, _found, _call: "https://example.org",
}
MEDIA: dict[str, Reader] = {
    "id": lambda _site, found, _call: found.id,
    "caption": lambda _site, found, _call: found.its_post.text,
    "media_type": lambda _site, found, _call: MEDIA_TYPES[found.its_post.form],
    "media_product_type": lambda _site, found, _call: product(found.its_post.form),
    "media_url": lambda _site, found, call: _picture(
        found, call, "mp4" if found.its_post.form in MOVING else "jpg"
    ),
    "thumbnail_url": lambda _site, found, call: (
        _picture(found, call) if found.its_post.form in MOVING else None
    ),
    "permalink": lambda _site, found, _call: _permalink(found),
    "shortcode": lambda _site, found, _call: found.its_post.id[-11:],
    "timestamp": lambda _site, found, _call: graph_time(found.its_post.at),
    "username": lambda _site, found, _call: found.account.handle,
    "owner": lambda _site, found, _call: {"id": found.account.id},
    "like_count": lambda site, found, _call: found.its_post.figure("reactions", site.world.now),
    "comments_count": lambda site, found, _call: found.its_post.commented(site.world.now),
    "is_comment_enabled": lambda _site, _found, _call: True,
}
REPLY: dict[str, Reader] = {
    "id": lambda _site, found, _call: found.id,
    "timestamp": lambda _site, found, _call: graph_time(_written(found).at),
    "text": lambda _site, found, _call: _written(found).text,
    "username": lambda _site, found, _call: _written(found).author.handle,
    "from": lambda _site, found, _call: {
        "id": _written(found).author.id,
        "username": _written(found).author.handle,
    },
    "hidden": lambda _site, found, _call: _written(found).hidden,
    "like_count": lambda _site, _found, _call: 0,
    "replies": _answers,
    "parent_id": lambda _site, found, _call: _parent(found),
    "media": lambda _site, found, _call: {"id": found.its_post.id},
}


def _parent(found: Found) -> str | None:
    parents = [one.id for one in found.its_post.comments if found.comment in one.answers]
    return parents[0] if parents else None
