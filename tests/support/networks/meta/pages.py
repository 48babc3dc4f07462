"""Facebook pages, their posts and comments: the fields and edges that their references name.

https://developers.facebook.com/docs/graph-api/reference/page, ``…/page-post``, ``…/comment``, ``…/insights``
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from support.networks.calls import Call
from support.networks.content import FACEBOOK, address
from support.networks.identifiers import graph_time
from support.networks.meta.errors import missing, refused
from support.networks.meta.fields import Field
from support.networks.meta.insights import of_page, of_post, reactions
from support.networks.meta.objects import Found
from support.networks.meta.times import moment
from support.networks.world import Comment, Form

if TYPE_CHECKING:
    from support.networks.meta.site import Meta

STATUS_TYPES = {
    Form.TEXT: "mobile_status_update",
    Form.LINK: "shared_story",
    Form.PHOTO: "added_photos",
    Form.ALBUM: "added_photos",
    Form.VIDEO: "added_video",
    Form.REEL: "added_video",
}
MEDIA_TYPES = {
    Form.LINK: ("link", "share"),
    Form.PHOTO: ("photo", "photo"),
    Form.ALBUM: ("album", "album"),
    Form.VIDEO: ("video", "video_inline"),
    Form.REEL: ("video", "video_inline"),
}
TASKS = ["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"]


def field(site: Meta, found: Found, asked: Field, call: Call) -> Any:
    """A field of a page, a post or a comment."""
    readers = {"page": PAGE, "post": POST, "comment": COMMENT}[found.kind]
    if asked.name not in readers:
        kind = {"page": "Page", "post": "PagePost", "comment": "Comment"}[found.kind]
        raise refused(100, f"(#100) Tried accessing nonexisting field ({asked.name}) on node type ({kind})")
    value = readers[asked.name](site, found, call)
    if asked.name == "instagram_business_account" and value and asked.inner:
        linked = next(one for one in site.world.accounts if one.id == value["id"])
        return site.shown(Found("user", linked), asked.inner, call)
    return value


def edge(
    site: Meta, found: Found, name: str, query: dict[str, str], fields: list[Field], call: Call
) -> dict[str, Any]:
    """An edge of a page, a post or a comment."""
    nested = None if name == call.named.get("edge") and call.named.get("id") == found.id else query
    if name == "insights":
        reader = of_page if found.kind == "page" else of_post
        return reader(site, found, query, call)
    if name == "comments":
        return _comments(site, found, query, fields, call, nested)
    if name == "reactions":
        return _reactions(site, found, query)
    if name == "attachments":
        return {"data": _attachments(site, found, call)}
    if found.kind != "page":
        raise missing(found.id)
    since, until = query.get("since"), query.get("until")
    there = [
        Found("post", found.account, post)
        for post in found.account.listed(site.world.now)
        if (not since or post.at >= moment(since)) and (not until or post.at <= moment(until))
    ]
    shown, paging = site.cut(call, there, lambda one: one.id, 25, 100, nested)
    return {"data": [site.shown(one, fields or one.standard(), call) for one in shown], **paging}


def _comments(
    site: Meta,
    found: Found,
    query: dict[str, str],
    fields: list[Field],
    call: Call,
    nested: dict[str, str] | None,
) -> dict[str, Any]:
    """Comments: those of the first level, or with ``filter=stream`` all, in order of time or newest first."""
    now, post = site.world.now, found.its_post
    top = found.comment.answers if found.comment else post.comments
    stream = query.get("filter") == "stream"
    every = [one for comment in top for one in ((comment, *comment.answers) if stream else (comment,))]
    there = sorted((one for one in every if one.there(now)), key=lambda one: one.at)
    if query.get("order") == "reverse_chronological":
        there.reverse()
    entries = [Found("comment", found.account, post, one) for one in there]
    shown, paging = site.cut(call, entries, lambda one: one.id, 25, 100, nested)
    data = [site.shown(one, fields or one.standard(), call) for one in shown]
    summary = {"order": "chronological", "total_count": len(there), "can_comment": True}
    return {"data": data, **paging, **({"summary": summary} if query.get("summary") else {})}


def _reactions(site: Meta, found: Found, query: dict[str, str]) -> dict[str, Any]:
    """Who reacted is shown to nobody here; how many, in the summary."""
    total = reactions(found.its_post, site.world.now)
    kind = query.get("type")
    count = total.get(kind.lower(), 0) if kind else sum(total.values())
    summary = {"total_count": count, "viewer_reaction": "NONE"}
    return {"data": [], **({"summary": summary} if query.get("summary") else {})}


def _attachments(site: Meta, found: Found, call: Call) -> list[dict[str, Any]]:
    post = found.its_post
    if post.form not in MEDIA_TYPES:
        return []
    media_type, kind = MEDIA_TYPES[post.form]
    url = post.link or _permalink(found)
    whole: dict[str, Any] = {"media_type": media_type, "type": kind, "url": url, "title": "A title"}
    if post.pictures:
        whole["media"] = {"image": {"height": 480, "width": 640, "src": _picture(post.pictures[0], call)}}
    if post.form is Form.ALBUM:
        parts = [
            {
                "media_type": "photo",
                "type": "photo",
                "media": {"image": {"src": _picture(name, call)}},
                "url": url,
            }
            for name in post.pictures
        ]
        whole["subattachments"] = {"data": parts}
    return [whole]


def _permalink(found: Found) -> str:
    return f"https://www.facebook.com/{found.account.handle}/posts/{found.its_post.id}"


def _picture(name: str, call: Call) -> str:
    return address(call.base, FACEBOOK, "v/t39.30808-6", name)


def _page_token(site: Meta, found: Found) -> str | None:
    own = [one for one in site.world.tokens.values() if not one.user and found.account.id in one.accounts]
    return own[0].text if own else None


def _comment(found: Found) -> Comment:
    assert found.comment
    return found.comment


def _written_by(site: Meta, found: Found) -> dict[str, str]:
    author = _comment(found).author
    return {"name": author.name, "id": author.id}


Reader = Callable[["Meta", Found, Call], Any]
PAGE: dict[str, Reader] = {
    "id": lambda _site, found, _call: found.account.id,
    "name": lambda _site, found, _call: found.account.name,
    "username": lambda _site, found, _call: found.account.handle,
    "link": lambda _site, found, _call: f"https://www.facebook.com/{found.account.handle}",
    "about": lambda _site, found, _call: found.account.about,
    "category": lambda _site, _found, _call: "Brand",
    "category_list": lambda _site, _found, _call: [{"id": "1605186416478696", "name": "Brand"}],
    "fan_count": lambda site, found, _call: found.account.followers(site.world.now),
    "followers_count": lambda site, found, _call: found.account.followers(site.world.now),
    "access_token": lambda site, found, _call: _page_token(site, found),
    "tasks": lambda _site, _found, _call: TASKS,
    "picture": lambda _site, found, call: {
        "data": {"url": _picture(found.account.avatar, call), "height": 50, "width": 50}
    },
    "instagram_business_account": lambda _site, found, _call: (
        found.account.linked and {"id": found.account.linked}
    ),
}
POST: dict[str, Reader] = {
    "id": lambda _site, found, _call: found.id,
    "created_time": lambda _site, found, _call: graph_time(found.its_post.at),
    "updated_time": lambda _site, found, _call: graph_time(found.its_post.at),
    "message": lambda _site, found, _call: found.its_post.text,
    "story": lambda _site, _found, _call: None,
    "permalink_url": lambda _site, found, _call: _permalink(found),
    "full_picture": lambda _site, found, call: (
        found.its_post.pictures and _picture(found.its_post.pictures[0], call)
    ),
    "status_type": lambda _site, found, _call: STATUS_TYPES[found.its_post.form],
    "from": lambda _site, found, _call: {"name": found.account.name, "id": found.account.id},
    "is_published": lambda _site, _found, _call: True,
    "is_hidden": lambda _site, _found, _call: False,
    "shares": lambda site, found, _call: _count(found.its_post.figure("shares", site.world.now)),
}
COMMENT: dict[str, Reader] = {
    "id": lambda _site, found, _call: found.id,
    "created_time": lambda _site, found, _call: graph_time(_comment(found).at),
    "message": lambda _site, found, _call: _comment(found).text,
    "from": lambda site, found, _call: _written_by(site, found),
    "is_hidden": lambda _site, found, _call: _comment(found).hidden,
    "like_count": lambda _site, _found, _call: 0,
    "comment_count": lambda site, found, _call: sum(
        one.there(site.world.now) for one in _comment(found).answers
    ),
    "permalink_url": lambda _site, found, _call: f"https://www.facebook.com/{found.id}",
    "parent": lambda _site, found, _call: _parent(found),
}


def _count(shares: int) -> dict[str, int] | None:
    return {"count": shares} if shares else None


def _parent(found: Found) -> dict[str, str] | None:
    parents = [one for one in found.its_post.comments if found.comment in one.answers]
    return {"id": Found("comment", found.account, found.post, parents[0]).id} if parents else None
