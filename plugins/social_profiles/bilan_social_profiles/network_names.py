"""The networks: the word that facts carry, the name that people read, and what old files call them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bilan.sdk import plain_words


def plain(name: str) -> str:
    """A name without case, accents and marks."""
    return plain_words(name.casefold().replace("+", " plus "))


NETWORK_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "facebook": "Facebook",
        "instagram": "Instagram",
        "linkedin": "LinkedIn",
        "x": "X",
        "youtube": "YouTube",
        "tiktok": "TikTok",
        "threads": "Threads",
        "pinterest": "Pinterest",
        "mastodon": "Mastodon",
        "bluesky": "Bluesky",
        "flickr": "Flickr",
        "tumblr": "Tumblr",
        "google": "Google Business Profile",
        "googleplus": "Google+",
        "snapchat": "Snapchat",
        "reddit": "Reddit",
        "vimeo": "Vimeo",
        "twitch": "Twitch",
        "telegram": "Telegram",
        "whatsapp": "WhatsApp",
        "wordpress": "WordPress",
        "foursquare": "Foursquare",
        "newsletter": "Newsletter",
        "vk": "VK",
        "xing": "XING",
        "weibo": "Weibo",
        "line": "LINE",
    }
)
"""The names that networks go by, by the word that facts carry."""

SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "facebook": ("fb", "facebook page", "facebook pages", "facebook group", "page facebook", "meta facebook"),
    "instagram": ("ig", "insta", "instagram business", "instagram professional", "instagram creator"),
    "linkedin": ("linked in", "linkedin page", "linkedin pages", "linkedin company", "linkedin profile"),
    "x": ("twitter", "x twitter", "twitter x", "x formerly twitter", "x ex twitter", "x com", "twitter com"),
    "youtube": ("yt", "you tube", "youtube channel", "chaine youtube", "youtube shorts"),
    "tiktok": ("tik tok", "tiktok business", "douyin"),
    "threads": ("threads net",),
    "pinterest": ("pin", "pinterest business"),
    "mastodon": ("fediverse",),
    "bluesky": ("bsky", "blue sky", "bsky app"),
    "google": (
        "google business", "google business profile", "google my business", "gmb", "gbp", "google maps",
    ),
    "googleplus": ("google plus", "g plus"),
    "wordpress": ("word press",),
    "newsletter": ("newsletters", "e newsletter", "enewsletter"),
    "vk": ("vkontakte",),
}  # fmt: skip
"""What files call them beside that, in plain letters."""


WORDS: Mapping[str, str] = MappingProxyType(
    {
        **{plain(name): network for network, name in NETWORK_NAMES.items()},
        **{plain(word): network for network, words in SPELLINGS.items() for word in words},
        **{network: network for network in NETWORK_NAMES},
    }
)


def read_network(written: str) -> str:
    """The word for a network that facts carry; of one that nobody knows, its own name in lower case."""
    return WORDS.get(plain(written)) or " ".join(written.casefold().split())


def is_network(written: str) -> bool:
    """Whether a name is that of a network that is known."""
    return plain(written) in WORDS


def network_name(network: str) -> str:
    """The name that people read; of a network that nobody knows, as its files write it."""
    return NETWORK_NAMES.get(network, network)
