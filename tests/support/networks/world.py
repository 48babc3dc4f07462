"""A world of social networks: accounts, posts over months, figures that grow and are restated, a clock.

Plain values that every network tells in words of its own. Nothing here depends on the moment at which
a test runs: the clock stands where the test puts it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

SETTLED = timedelta(days=28)
"""The age at which the figures of a post stand."""
LATE = timedelta(hours=48)
"""How long after its end a day's figures may still be counted ("may be delayed up to 48 hours")."""


class Network(StrEnum):
    """Where an account is."""

    MASTODON = "mastodon"
    BLUESKY = "bluesky"
    FACEBOOK = "facebook"
    INSTAGRAM = "instagram"
    YOUTUBE = "youtube"


class Form(StrEnum):
    """What a post is made of. Networks have names of their own for these."""

    TEXT = "text"
    LINK = "link"
    PHOTO = "photo"
    ALBUM = "album"
    VIDEO = "video"
    REEL = "reel"
    STORY = "story"
    """Instagram: stands in a list of its own, until it is deleted a day later."""


@dataclass
class Person:
    """Somebody who answers, mentions or is shared."""

    id: str
    handle: str
    name: str


@dataclass
class Comment:
    """What somebody wrote below a post, or to an account, with the answers to it."""

    id: str
    at: datetime
    author: Person
    text: str
    answers: list[Comment] = field(default_factory=list["Comment"])
    hidden: bool = False
    deleted_at: datetime | None = None

    def there(self, now: datetime) -> bool:
        """Whether it can be read now."""
        return self.at <= now and not (self.deleted_at and self.deleted_at <= now)


@dataclass
class Post:
    """A post with the figures that it has in the end, by name.

    Figures grow evenly until ``SETTLED`` and stand from then on; a restated one has its new value
    from that moment on. ``shared`` is whose post it repeats (a boost, a repost), ``answers`` whom it
    answers: such posts stand in an account's list and are not its own, or not for everybody.
    """

    id: str
    at: datetime
    form: Form
    text: str
    figures: dict[str, int]
    link: str = ""
    tags: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    comments: list[Comment] = field(default_factory=list[Comment])
    shared: Person | None = None
    answers: Person | None = None
    private: bool = False
    pinned: bool = False
    deleted_at: datetime | None = None
    restated: list[tuple[datetime, str, int]] = field(default_factory=list[tuple[datetime, str, int]])

    def there(self, now: datetime) -> bool:
        """Whether it can be read now."""
        return self.at <= now and not (self.deleted_at and self.deleted_at <= now)

    def figure(self, name: str, now: datetime) -> int:
        """A figure as it is counted now; 0 where the post has none of this name."""
        said = [value for since, of, value in self.restated if of == name and since <= now]
        final = self.figures.get(name, 0)
        return said[-1] if said else final * min(max(now - self.at, timedelta()), SETTLED) // SETTLED

    def commented(self, now: datetime) -> int:
        """How many comments and answers to them it has now."""
        there = [one for comment in self.comments for one in (comment, *comment.answers) if one.there(now)]
        return len(there)


@dataclass
class Day:
    """What happened at an account on one day as its network cuts it, once all of it is counted.

    ``followers`` is their number at the day's end; ``figures`` are by name.
    """

    followers: int
    gained: int
    lost: int
    figures: dict[str, int] = field(default_factory=dict[str, int])


@dataclass
class Account:
    """A profile: its posts, its days, and what is written to it."""

    network: Network
    id: str
    handle: str
    name: str
    created_at: datetime
    posts: list[Post] = field(default_factory=list[Post])
    days: dict[date, Day] = field(default_factory=dict[date, Day])
    mentions: list[Comment] = field(default_factory=list[Comment])
    about: str = ""
    avatar: str = "avatar"
    linked: str = ""
    """Facebook: the id of the page's Instagram account."""
    deleted_at: datetime | None = None
    suspended_at: datetime | None = None
    hides_followers: bool = False
    restated: dict[tuple[date, str], list[tuple[datetime, int]]] = field(
        default_factory=dict[tuple[date, str], list[tuple[datetime, int]]]
    )

    def there(self, now: datetime) -> bool:
        """Whether it can be found now."""
        return self.created_at <= now and not (self.deleted_at and self.deleted_at <= now)

    def listed(self, now: datetime) -> list[Post]:
        """The posts that can be read now, newest first."""
        there = [post for post in self.posts if post.there(now)]
        return sorted(there, key=lambda post: (post.at, post.id), reverse=True)

    def followers(self, now: datetime) -> int:
        """How many followers it has now: those of the last day that began (UTC)."""
        begun = [day for day in self.days if day <= now.astimezone(UTC).date()]
        return self.days[max(begun)].followers if begun else 0

    def counted(self, day: date, name: str, now: datetime, end: datetime) -> int:
        """A figure of a day that ends then, as it is counted now.

        The first 48 hours after its end it may lack a fifth of what is counted in the end.
        """
        restated = [value for since, value in self.restated.get((day, name), ()) if since <= now]
        if restated:
            return restated[-1]
        known = self.days[day]
        final = {"gained": known.gained, "lost": known.lost, **known.figures}.get(name, 0)
        return final if now >= end + LATE else final - final // 5


@dataclass
class Token:
    """What lets a client in: the accounts it sees and its scopes, until it ends or is withdrawn."""

    text: str
    accounts: tuple[str, ...] = ()
    scopes: frozenset[str] = frozenset()
    ends_at: datetime | None = None
    withdrawn_at: datetime | None = None
    user: str = ""

    def ended(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.ends_at is not None and self.ends_at <= now

    def withdrawn(self, now: datetime) -> bool:
        """Whether it was taken back before its time."""
        return self.withdrawn_at is not None and self.withdrawn_at <= now


@dataclass
class Picture:
    """The bytes that a content network sends, with the type that it says."""

    content: bytes
    type: str


@dataclass
class World:
    """Everything that there is, at the moment ``now``. The server reads it under ``lock``."""

    now: datetime
    accounts: list[Account] = field(default_factory=list[Account])
    tokens: dict[str, Token] = field(default_factory=dict[str, Token])
    pictures: dict[str, Picture] = field(default_factory=dict[str, Picture])
    withdrawn: dict[str, datetime] = field(default_factory=dict[str, datetime])
    """Figures by their name in the network's API, and since when it no longer gives them."""
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def move(self, **by: float) -> None:
        """Let so much time pass, as for ``timedelta``."""
        self.now += timedelta(**by)

    def account(self, network: Network, ident: str) -> Account | None:
        """The account of a network with this id or handle, where it can be found now."""
        for one in self.accounts:
            if one.network is network and ident in {one.id, one.handle} and one.there(self.now):
                return one
        return None

    def only(self, network: Network) -> Account:
        """The first account of a network."""
        return next(one for one in self.accounts if one.network is network)

    def restate(self, post: Post, **figures: int) -> None:
        """From now on the network says other figures of a post."""
        post.restated += [(self.now, name, value) for name, value in figures.items()]

    def restate_day(self, account: Account, day: date, **figures: int) -> None:
        """From now on the network says other figures of a day."""
        for name, value in figures.items():
            account.restated.setdefault((day, name), []).append((self.now, value))

    def withdraw(self, *metrics: str) -> None:
        """From now on the network refuses these metrics."""
        self.withdrawn |= dict.fromkeys(metrics, self.now)

    def gives(self, metric: str) -> bool:
        """Whether the network still gives a metric."""
        return not (metric in self.withdrawn and self.withdrawn[metric] <= self.now)
