"""Mastodon's entities (https://docs.joinmastodon.org/entities/), with every field that is not optional."""

from __future__ import annotations

import html
import re
from datetime import datetime
from typing import Any

from support.networks.content import MASTODON, address
from support.networks.identifiers import milliseconds, zulu
from support.networks.world import Account, Comment, Form, Person, Post

HOST = "mastodon.example"
WORDS = re.compile(r"(?P<url>https?://[^\s]+)|#(?P<tag>\w+)")
SHORT = 30
"""Characters of a link that stay visible."""


def stranger() -> Person:
    """Somebody of another server."""
    return Person("297420", "haskal@cybre.example", "haskal")


def account(found: Account, base: str, now: datetime) -> dict[str, Any]:
    """An ``Account``. ``acct`` of a local one has no domain."""
    picture = address(base, MASTODON, "accounts/avatars/original", found.avatar, "png")
    last = found.listed(now)
    suspended = bool(found.suspended_at and found.suspended_at <= now)
    return {
        "id": found.id,
        "username": found.handle,
        "acct": found.handle,
        "display_name": found.name,
        "locked": False,
        "bot": False,
        "discoverable": True,
        "group": False,
        "created_at": zulu(found.created_at),
        "note": paragraphs(found.about, ""),
        "url": f"https://{HOST}/@{found.handle}",
        "uri": f"https://{HOST}/users/{found.handle}",
        "avatar": picture,
        "avatar_static": picture,
        "header": picture,
        "header_static": picture,
        "followers_count": found.followers(now),
        "following_count": 12,
        "statuses_count": len(last),
        "last_status_at": last[0].at.date().isoformat() if last else None,
        "emojis": [],
        "fields": [],
    } | ({"suspended": True} if suspended else {})


def person(somebody: Person) -> dict[str, Any]:
    """An ``Account`` of somebody else, mostly of another server."""
    user, _at, domain = somebody.handle.partition("@")
    return {
        "id": somebody.id,
        "username": user,
        "acct": somebody.handle,
        "display_name": somebody.name,
        "url": f"https://{domain or HOST}/@{user}",
        "followers_count": 553,
        "emojis": [],
        "fields": [],
    }


def status(found: Account, post: Post, base: str, now: datetime) -> dict[str, Any]:
    """A ``Status`` of the account. One that it boosted holds the other's in ``reblog``."""
    url = f"https://{HOST}/@{found.handle}/{post.id}"
    whole = {
        **_status(post.id, post.at, post.text, HOST),
        "in_reply_to_id": "103186044372624124" if post.answers else None,
        "in_reply_to_account_id": post.answers.id if post.answers else None,
        "visibility": "private" if post.private else "public",
        "uri": f"https://{HOST}/users/{found.handle}/statuses/{post.id}",
        "url": url,
        "replies_count": sum(one.there(now) for one in post.comments),
        "reblogs_count": post.figure("shares", now),
        "favourites_count": post.figure("reactions", now),
        "quotes_count": post.figure("quotes", now),
        "account": account(found, base, now),
        "media_attachments": [_media(post, name, base) for name in post.pictures],
        "tags": [{"name": tag, "url": f"https://{HOST}/tags/{tag}"} for tag in post.tags],
        "card": _card(post),
        "pinned": post.pinned,
    }
    if not post.shared:
        return whole
    inner = {**whole, "id": str(int(post.id) - 1), "account": person(post.shared), "pinned": False}
    counts = {"replies_count": 0, "reblogs_count": 0, "favourites_count": 0}
    return {
        **whole,
        "content": "",
        "media_attachments": [],
        "card": None,
        "tags": [],
        **counts,
        "reblog": inner,
    }


def written(
    found: Account, post: Post | None, comment: Comment, base: str, now: datetime, to: Comment | None = None
) -> dict[str, Any]:
    """A ``Status`` that somebody wrote to the account, below a post or by mentioning it."""
    own = comment.author.id == found.id
    to_whom = to.author.id if to else found.id
    return {
        **_status(comment.id, comment.at, comment.text, HOST),
        "in_reply_to_id": to.id if to else post.id if post else None,
        "in_reply_to_account_id": to_whom if to or post else None,
        "uri": f"https://{HOST}/statuses/{comment.id}",
        "url": f"https://{HOST}/@{comment.author.handle}/{comment.id}",
        "replies_count": sum(one.there(now) for one in comment.answers),
        "account": account(found, base, now) if own else person(comment.author),
        "mentions": [
            {"id": found.id, "username": found.handle, "acct": found.handle, "url": f"https://{HOST}/@{found.handle}"}
        ],
    }  # fmt: skip


def notification(
    found: Account, one: tuple[datetime, str, Person, Post | None, Comment | None], base: str, now: datetime
) -> dict[str, Any]:
    """A ``Notification``: what happened, by whom, and the status that it is about."""
    at, kind, whom, post, comment = one
    about = written(found, post, comment, base, now) if comment else post and status(found, post, base, now)
    return {
        "id": str(milliseconds(at)),
        "type": kind,
        "created_at": zulu(at),
        "group_key": f"ungrouped-{milliseconds(at)}",
        "account": person(whom),
        "status": about,
    }


def paragraphs(text: str, host: str) -> str:
    """Text as a status holds it, with links of which parts are not to be seen (api/guidelines)."""
    blocks = [block for block in text.split("\n\n") if block]
    return "".join(
        f"<p>{'<br />'.join(_words(line, host) for line in one.split(chr(10)))}</p>" for one in blocks
    )


def _words(line: str, host: str) -> str:
    out, at = "", 0
    for found in WORDS.finditer(line):
        out += html.escape(line[at : found.start()])
        at = found.end()
        out += _link(found["url"]) if found["url"] else _tag(found["tag"], host)
    return out + html.escape(line[at:])


def _link(url: str) -> str:
    scheme, rest = url.split("//", 1)
    shown, hidden = rest[:SHORT], rest[SHORT:]
    kind = "ellipsis" if hidden else ""
    return (
        f'<a href="{html.escape(url)}" target="_blank" rel="nofollow noopener noreferrer">'
        f'<span class="invisible">{scheme}//</span><span class="{kind}">{html.escape(shown)}</span>'
        f'<span class="invisible">{html.escape(hidden)}</span></a>'
    )


def _tag(tag: str, host: str) -> str:
    return f'<a href="https://{host}/tags/{tag}" class="mention hashtag" rel="tag">#<span>{tag}</span></a>'


def _status(ident: str, at: datetime, text: str, host: str) -> dict[str, Any]:
    return {
        "id": ident,
        "created_at": zulu(at),
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": "en",
        "replies_count": 0,
        "reblogs_count": 0,
        "favourites_count": 0,
        "edited_at": None,
        "content": paragraphs(text, host),
        "reblog": None,
        "media_attachments": [],
        "mentions": [],
        "tags": [],
        "emojis": [],
        "card": None,
        "poll": None,
    }


def _media(post: Post, name: str, base: str) -> dict[str, Any]:
    video = post.form in {Form.VIDEO, Form.REEL}
    folder = "media_attachments/files"
    preview = address(base, MASTODON, f"{folder}/small", name, "png")
    return {
        "id": str(int(post.id) // 7),
        "type": "video" if video else "image",
        "url": address(base, MASTODON, f"{folder}/original", name, "mp4" if video else "png"),
        "preview_url": preview,
        "remote_url": None,
        "meta": {"original": {"width": 640, "height": 480, "size": "640x480", "aspect": 640 / 480}},
        "description": "test media description",
        "blurhash": "UFBWY:8_0Jxv4mx]t8t64.%M-:IUWGWAt6M}",
    }


def _card(post: Post) -> dict[str, Any] | None:
    if not post.link:
        return None
    empty = dict.fromkeys(
        ("author_name", "author_url", "provider_name", "provider_url", "html", "embed_url"), ""
    )
    return {"url": post.link, "title": "A page", "description": "", "type": "link", "image": None, **empty}
