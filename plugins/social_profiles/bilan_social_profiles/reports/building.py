"""How the social reports are built: parts of audience, content and community."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from msgspec import structs

from bilan.sdk import (
    Block,
    Building,
    Choice,
    Gallery,
    Message,
    Notice,
    Paragraph,
    Report,
    ReportRequest,
    Section,
    Table,
    section,
)
from bilan_social_profiles.reports import audience, community, content, posts
from bilan_social_profiles.reports.caveats import caveats
from bilan_social_profiles.reports.parameters import View
from bilan_social_profiles.reports.scope import Scope
from bilan_social_profiles.reports.words import called
from bilan_social_profiles.textdomain import _
from bilan_social_profiles.vocabulary import COMMUNITY, POSTS, PROFILE_DAYS

Part = Callable[[Scope], Iterable[Block]]
PARTS: dict[str, tuple[Message, Part]] = {
    "audience": (_("Audience"), audience.overview),
    "audience_tables": (_("Audience by network and profile"), audience.tables),
    "content": (_("Content"), content.overview),
    "best_posts": (_("Best posts"), posts.gallery),
    "best_hours": (_("Best hours"), content.best_hours),
    "content_tables": (_("Content by network and profile"), content.tables),
    "types": (_("Types of posts"), partial(content.breakdown, column="kind")),
    "hashtags": (_("Hashtags"), partial(content.breakdown, column="hashtags")),
    "labels": (_("Labels"), partial(content.breakdown, column="labels")),
    "paid": (_("Paid and organic"), content.paid),
    "community": (_("Community"), community.overview),
    "community_tables": (_("Community by network and profile"), community.tables),
    "posts": (_("All posts"), posts.posts),
}
"""The parts of a report by their keys: what people pick and put in order."""
BLOCKS = tuple(Choice(key, title) for key, (title, _part) in PARTS.items())
Groups = tuple[tuple[str, Message, tuple[str, ...]], ...]
GROUPS: Groups = (
    ("audience", _("Audience"), ("audience", "audience_tables")),
    ("content", _("Content"), ("content", "best_posts", "best_hours", "content_tables")),
    ("breakdowns", _("What was published"), ("types", "hashtags", "labels", "paid")),
    ("community", _("Community"), ("community", "community_tables")),
    ("posts", _("All posts"), ("posts",)),
)
"""The sections of a report that shows everything."""
OF_ONE: Groups = (
    ("audience", _("Audience"), ("audience",)),
    ("content", _("Content"), ("content", "best_posts", "types")),
    ("community", _("Community"), ("community",)),
)
"""The sections of each profile, where one comes after the other: of many, everything is more than is read."""
DATASETS = (PROFILE_DAYS, POSTS, COMMUNITY)
PERFORMANCE = ("content", "best_posts", "best_hours", "types", "posts")


def everything(request: ReportRequest, building: Building) -> Report:
    """All parts in five sections. One profile after the other: the leading parts of each, then all posts."""
    scope = Scope(request, building)
    if scope.view is View.INDIVIDUAL:
        sections = tuple(
            Section(one.slug, called(one.profile or ()), tuple(_groups(one, OF_ONE)))
            for one in scope.profiles(*DATASETS)
        )
        sections += tuple(_groups(scope, GROUPS[-1:])) if sections else ()
    else:
        sections = tuple(_groups(scope, GROUPS))
    return Report(_("Social profiles"), sections or (_nothing(),), notes=caveats(scope, *DATASETS))


def picked(request: ReportRequest, building: Building) -> Report:
    """A section a part, for people to pick from."""
    scope = Scope(request, building)
    return Report(
        _("Social profiles"), tuple(_parts(scope, PARTS, *DATASETS)), notes=caveats(scope, *DATASETS)
    )


def performance(request: ReportRequest, building: Building) -> Report:
    """Posts: how they did together, the best of them, and each with its figures."""
    scope = Scope(request, building)
    return Report(
        _("Content performance"), tuple(_parts(scope, PERFORMANCE, POSTS)), notes=caveats(scope, POSTS)
    )


def _groups(scope: Scope, groups: Groups) -> Iterator[Section]:
    for key, title, parts in groups:
        made = section(
            _key(scope, key), title, lambda parts=parts: [b for part in parts for b in _blocks(scope, part)]
        )
        if made.blocks:
            yield made


def _parts(scope: Scope, keys: Iterable[str], *datasets: str) -> Iterator[Section]:
    """A section a part; where one profile comes after the other, with a section a profile in it."""
    profiles = list(scope.profiles(*datasets)) if scope.view is View.INDIVIDUAL else []
    for key in keys:
        title, _part = PARTS[key]
        if scope.view is not View.INDIVIDUAL:
            yield section(key, title, lambda key=key: _blocks(scope, key))
            continue
        inner = tuple(
            section(_key(one, key), called(one.profile or ()), lambda one=one, key=key: _blocks(one, key))
            for one in profiles
        )
        if filled := tuple(one for one in inner if one.blocks):
            yield Section(key, title, filled)


def _blocks(scope: Scope, key: str) -> list[Block]:
    _title, part = PARTS[key]
    return [_keyed(scope, block) for block in part(scope)]


def _keyed(scope: Scope, block: Block) -> Block:
    """A profile's block under a key, and in a file, of its own."""
    if scope.profile is None:
        return block
    match block:
        case Gallery():
            return structs.replace(block, table=_named(scope, block.table))
        case Table():
            return _named(scope, block)
        case Paragraph() | Notice() | Section():
            return block
        case _:
            return structs.replace(block, key=_key(scope, block.key))


def _named(scope: Scope, table: Table) -> Table:
    file = table.file and _key(scope, table.file)
    return structs.replace(table, key=_key(scope, table.key), file=file)


def _key(scope: Scope, key: str) -> str:
    return key if scope.profile is None else f"{key}_{scope.slug}"


def _nothing() -> Paragraph:
    return Paragraph(_("Nothing is known of these profiles in this period."))
