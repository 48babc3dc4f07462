"""One pull of a profile: which days it reads, in which steps, and where it goes on.

Figures restate, so a pull reads posts of the last 30 days anew; once a week
those of 90 days, once in 30 days those of a year. The first pull reads 90
days; what is older comes by a back-fill. See docs/decisions/095.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

from bilan.sdk import (
    Checkpoint,
    Fact,
    Invalid,
    JsonObject,
    Message,
    NotFound,
    PullContext,
    Pulled,
    PullNote,
    Reject,
    Retract,
    Unreadable,
    raw,
    read_object,
)
from bilan_social_profiles.networks.facts import Profile
from bilan_social_profiles.networks.settings import text_of
from bilan_social_profiles.textdomain import _, ngettext
from bilan_social_profiles.vocabulary import POSTS

T = TypeVar("T")
USUAL, WEEKLY, MONTHLY = 30, 90, 365
"""How many days of posts a pull reads: always, once in 7 days, once in 30."""
REMEMBERED = 250
"""So many posts of the last 30 days are looked for again, to learn which were deleted."""
PASSING = frozenset({"seen", "withdrawn", "refused", "gone", "since"})
"""What is remembered for one pull alone."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a step read at once, and from where it goes on: JSON, ``None`` where it is over."""

    given: Sequence[Fact | Retract | Reject]
    next: Any = None


@dataclass(frozen=True, slots=True)
class Step:
    """A list that is read page by page. ``read`` is given the ``next`` of the page before, first ``None``."""

    name: str
    said: Message
    read: Callable[[Any], Page]


class Reading:
    """The days of one pull, what it remembers of others, and what it has seen so far.

    ``memory`` is part of every checkpoint: small, JSON only. ``short`` is what
    of a post's id is kept there.
    """

    def __init__(self, context: PullContext, short: Callable[[str], str] = str) -> None:
        state = context.state or {}
        self.context = context
        self.memory: dict[str, Any] = dict(state.get("memory", {}))
        self._place: tuple[str, Any] | None = (state["step"], state.get("next")) if "step" in state else None
        self._short = short
        if self._place is None:
            self.memory |= {
                "seen": [],
                "withdrawn": [],
                "refused": [],
                "gone": 0,
                "since": self._first_day().isoformat(),
            }

    @property
    def since(self) -> datetime:
        """The moment (UTC) from which posts are read."""
        return _midnight(date.fromisoformat(self.memory["since"]))

    @property
    def until(self) -> datetime:
        """The moment (UTC) up to which posts are read, itself left out."""
        wanted = self.context.range
        if wanted is None:
            return self.context.now + timedelta(days=1)
        return _midnight(wanted.last + timedelta(days=1))

    @property
    def usual(self) -> bool:
        """Whether this is the usual pull, and no back-fill."""
        return self.context.range is None

    def profile(self, network: str, found: str, profile_id: str) -> Profile:
        """The profile under the name that its source gives it, else under that which it had first."""
        name = text_of(self.context.settings, "profile") or self.memory.setdefault("name", found)
        return Profile(network, " ".join(name.split()), profile_id)

    def counted(self, profile: Profile, day: date, followers: int | None) -> Step:
        """The step that gives the followers of today. A pull that goes on later does not count again."""
        facts = list(profile.day(day, {"followers": followers}))
        return Step("followers", _("Followers"), lambda following: Page(facts))  # noqa: ARG005

    def page(
        self,
        items: Sequence[Any],
        at: Callable[[JsonObject], datetime],
        read: Callable[[JsonObject], Fact | None],
        following: Any,
    ) -> Page:
        """The facts of the items that were written in the days that are read, and that ``read`` keeps.

        Items come newest first: where all of a page are older, it is the last one.
        """

        def wanted(one: JsonObject) -> Fact | None:
            moment = at(one)
            if not self.since <= moment < self.until or (fact := read(one)) is None:
                return None
            return self._seen(fact, moment)

        return Page(list(each(items, wanted)), None if self.is_over(items, at) else following)

    def is_over(self, items: Iterable[Any], at: Callable[[JsonObject], datetime]) -> bool:
        """Whether items are older than the days that are read: all that say when they were written."""
        moments = list[datetime]()
        for item in items:
            with suppress(Unreadable):
                moments.append(at(read_object(item)))
        return bool(moments) and max(moments) < self.since

    def unless_gone(self, read: Callable[[], T]) -> T | None:
        """What is read of a post or comment that a list named; ``None`` where it was deleted since."""
        try:
            return read()
        except NotFound:
            self.memory["gone"] += 1
            return None

    def run(self, steps: Sequence[Step], pause: Callable[[], None] = lambda: None) -> Iterator[Pulled]:
        """What the steps give, with a checkpoint after each page; ``pause`` raises where it must stop."""
        names = [step.name for step in steps]
        start, following = 0, None
        if self._place and self._place[0] in names:
            start, following = names.index(self._place[0]), self._place[1]
        for number, step in enumerate(steps[start:], start=start):
            for page in _pages(step, following):
                yield from page.given
                if page.next is not None:
                    yield self._checkpoint(step, page.next, number / len(steps))
                    pause()
            following = None
            if number + 1 < len(steps):
                yield self._checkpoint(steps[number + 1], None, (number + 1) / len(steps))
                pause()

    def finish(self, notes: Iterable[Message] = ()) -> Iterator[Pulled]:
        """The notes of this pull, and the checkpoint from which the next one goes on."""
        for note in (*notes, *self._left_out()):
            yield PullNote(note)
        if self.usual:
            read = (self.context.now - self.since).days
            today = self.context.now.date().isoformat()
            self.memory["weekly"] = today if read >= WEEKLY else self.memory.get("weekly", today)
            first = "monthly" not in self.memory
            self.memory["monthly"] = today if first or read >= MONTHLY else self.memory["monthly"]
            self.memory["posts"] = self.memory["seen"]
        kept = {key: value for key, value in self.memory.items() if key not in PASSING}
        yield Checkpoint({"memory": kept}, 1.0)

    def missing(self) -> list[str]:
        """Posts of the last pull, as they are remembered, that this one did not come by."""
        seen = set(self.memory["seen"])
        return [post for post in self.memory.get("posts", ()) if post not in seen]

    def deleted(
        self, profile: Profile, is_gone: Callable[[str], bool], whole: Callable[[str], str] = str
    ) -> Callable[[Any], Page]:
        """The reading of a step that asks for each missing post, and retracts those that are gone.

        ``whole`` makes a post's id of what is remembered of it.
        """

        def read(start: int | None) -> Page:
            first = start or 0
            posts = [whole(short) for short in self.missing()]
            part = posts[first : first + 20]
            gone = [profile.without(post) for post in part if is_gone(post)]
            return Page(gone, first + 20 if len(posts) > first + 20 else None)

        return read

    def _left_out(self) -> Iterator[Message]:
        if gone := self.memory["gone"]:
            yield ngettext(
                "A post or comment was deleted while it was read, and is left out.",
                "{count} posts or comments were deleted while they were read, and are left out.",
                count=gone,
            )

    def _seen(self, fact: Fact, at: datetime) -> Fact:
        seen: list[str] = self.memory["seen"]
        recent = self.usual and at >= self.context.now - timedelta(days=USUAL)
        if fact.dataset == POSTS and recent and len(seen) < REMEMBERED:
            short = self._short(fact.row["post"])
            if short not in seen:
                seen.append(short)
        return fact

    def _first_day(self) -> date:
        if self.context.range is not None:
            return self.context.range.first
        today = self.context.now.date()
        days = USUAL
        if self._due("monthly", 30):
            days = MONTHLY
        elif "weekly" not in self.memory or self._due("weekly", 7):
            days = WEEKLY
        return today - timedelta(days=days)

    def _due(self, what: str, days: int) -> bool:
        last = self.memory.get(what)
        return last is not None and (self.context.now.date() - date.fromisoformat(last)).days >= days

    def _checkpoint(self, step: Step, following: Any, done: float) -> Checkpoint:
        return Checkpoint(
            {"step": step.name, "next": following, "memory": _copied(self.memory)}, done, step.said
        )


def each(items: Iterable[Any], read: Callable[[JsonObject], Fact | None]) -> Iterator[Fact | Reject]:
    """The facts of the items that ``read`` keeps; of one that cannot be read, a reject with the reason."""
    for number, item in enumerate(items, start=1):
        try:
            if (fact := read(read_object(item))) is not None:
                yield fact
        except Unreadable as error:
            yield Reject(number, error.message, raw(item))


def _pages(step: Step, following: Any) -> Iterator[Page]:
    """The pages of a step from a place on.

    A place does not outlast the post that it names: where the network refuses
    it, the list is read from its start, once. What was given before is there once all the same.
    """
    anew = False
    while True:
        try:
            page = step.read(following)
        except Invalid as error:
            if following is None or anew or error.reply is None:
                raise
            following, anew = None, True
            continue
        yield page
        following = page.next
        if following is None:
            return


def _copied(memory: dict[str, Any]) -> dict[str, Any]:
    return {key: value.copy() if isinstance(value, list | dict) else value for key, value in memory.items()}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
