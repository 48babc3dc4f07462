"""The content networks from which pictures come, whose addresses the APIs give."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO

from PIL import Image

from support.networks.calls import Answer, Call
from support.networks.sites import Site
from support.networks.world import Picture, World

MASTODON, BLUESKY, FACEBOOK, INSTAGRAM, YOUTUBE = (
    "files.mastodon.example",
    "cdn.bsky.app",
    "scontent.xx.fbcdn.net",
    "scontent.cdninstagram.com",
    "i.ytimg.com",
)


class Content(Site):
    """Pictures by their name, in whatever folder and with whatever ending."""

    network = "content"
    hosts = (MASTODON, BLUESKY, FACEBOOK, INSTAGRAM, YOUTUBE)

    def __init__(self, world: World, largest: int | None = None) -> None:
        super().__init__(world, largest)
        self.route("picture", "/{folder:path}/{name}.{ending}", self.picture)

    def picture(self, call: Call) -> Answer:
        """The bytes as they are."""
        found = self.world.pictures.get(call.named["name"])
        return Answer(200, found.content, {"content-type": found.type}) if found else self.missing(call)

    def limited(self, call: Call, until: datetime) -> Answer:
        """Too many requests."""
        seconds = round((until - self.world.now).total_seconds())
        return Answer(429, b"", {"retry-after": str(seconds)})

    def unauthenticated(self, call: Call) -> Answer:
        """The address is not signed."""
        return Answer(401)

    def forbidden(self, call: Call) -> Answer:
        """The signature of the address is over."""
        return Answer(403, b"URL signature expired")

    def missing(self, _call: Call) -> Answer:
        """No such picture."""
        return Answer(404, b"URL signature mismatch")


def address(base: str, host: str, folder: str, name: str, ending: str = "jpg") -> str:
    """Where a picture is, reached as the request was: through the same plain address, if it came by one."""
    if "/@" not in base:
        return f"https://{host}/{folder}/{name}.{ending}"
    return f"{base.partition('/@')[0]}/@{host}/{folder}/{name}.{ending}"


def jpeg(red: int, green: int, blue: int, size: tuple[int, int] = (64, 48)) -> Picture:
    """A picture of one colour."""
    return _picture("JPEG", (red, green, blue), size)


def png(red: int, green: int, blue: int, size: tuple[int, int] = (64, 48)) -> Picture:
    """A picture of one colour."""
    return _picture("PNG", (red, green, blue), size)


def _picture(kind: str, colour: tuple[int, int, int], size: tuple[int, int]) -> Picture:
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return Picture(out.getvalue(), f"image/{kind.lower()}")
