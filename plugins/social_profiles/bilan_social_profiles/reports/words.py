"""Words for the codes of networks, posts and what the community writes."""

from __future__ import annotations

from collections.abc import Sequence

from bilan.sdk import Message
from bilan_social_profiles.network_names import NETWORK_NAMES
from bilan_social_profiles.textdomain import _
from bilan_social_profiles.vocabulary import ItemKind, PostKind

NETWORKS: dict[str, Message] = {code: _("{name}", name=name) for code, name in NETWORK_NAMES.items()}
"""Names of services, which are the same in every language."""
KINDS: dict[str, Message] = {
    PostKind.PHOTO.value: _("Photo"), PostKind.VIDEO.value: _("Video"),
    PostKind.REEL.value: _("Reel or short"), PostKind.ALBUM.value: _("Album"), PostKind.LINK.value: _("Link"),
    PostKind.TEXT.value: _("Text"),
    PostKind.STORY.value: _("Story"), PostKind.LIVE.value: _("Live"), PostKind.POLL.value: _("Poll"),
    PostKind.DOCUMENT.value: _("Document"), PostKind.SHARE.value: _("Shared post"),
    PostKind.OTHER.value: _("Other"), "": _("Not told"),
}  # fmt: skip
"""What a post is; other words of a network are shown as they are."""
ITEMS: dict[str, Message] = {
    ItemKind.MESSAGE.value: _("Messages"), ItemKind.COMMENT.value: _("Comments"),
    ItemKind.REVIEW.value: _("Reviews"), ItemKind.MENTION.value: _("Mentions"),
}  # fmt: skip
"""What the community writes."""
PAID: dict[str, Message] = {"true": _("Paid for"), "false": _("Not paid for"), "": _("Not told")}


def called(keys: Sequence[str]) -> Message | str:
    """A network's name, or a profile's with its network, as people read it."""
    network = NETWORK_NAMES.get(keys[0], keys[0])
    return network if len(keys) == 1 else _("{profile} ({network})", profile=keys[1], network=network)
