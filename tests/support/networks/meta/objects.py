"""The Graph's objects by their ids: pages, posts, comments; Instagram's users, media, comments."""

from __future__ import annotations

from dataclasses import dataclass

from support.networks.meta.fields import Field
from support.networks.world import Account, Comment, Network, Post, World

STANDARD = {
    "page": ("name", "id"),
    "post": ("created_time", "message", "id"),
    "comment": ("created_time", "from", "message", "id"),
    "user": ("id",),
    "media": ("id",),
    "reply": ("timestamp", "text", "id"),
}


@dataclass
class Found:
    """An object: what it is, whose, and which. ``reply`` is a comment on Instagram."""

    kind: str
    account: Account
    post: Post | None = None
    comment: Comment | None = None

    @property
    def id(self) -> str:
        """Its id: that of a page's post holds the page's."""
        if self.comment and self.post:
            return f"{self.post.id}_{self.comment.id}" if self.kind == "comment" else self.comment.id
        if self.post:
            return f"{self.account.id}_{self.post.id}" if self.kind == "post" else self.post.id
        return self.account.id

    @property
    def its_post(self) -> Post:
        """The post that it is, or stands below."""
        assert self.post
        return self.post

    def standard(self) -> list[Field]:
        """The fields that it has where none are asked for."""
        return [Field(name) for name in STANDARD[self.kind]]


def find(world: World, ident: str) -> Found | None:
    """The object with this id, where it is there now."""
    now = world.now
    for account in world.accounts:
        if account.network not in {Network.FACEBOOK, Network.INSTAGRAM} or not account.there(now):
            continue
        page = account.network is Network.FACEBOOK
        if ident in {account.id, account.handle if page else account.id}:
            return Found("page" if page else "user", account)
        for post in account.listed(now):
            one = Found("post" if page else "media", account, post)
            if one.id == ident:
                return one
            for below in (one for top in post.comments for one in (top, *top.answers) if one.there(now)):
                answered = Found("comment" if page else "reply", account, post, below)
                if answered.id == ident:
                    return answered
    return None
