"""Pictures of posts that are pulled: from the network through the file store to a report's page and PDF."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient
from PIL import Image
from pypdf import PdfReader

from bilan.app.web import web_application
from bilan.runs.values import RenderSpec
from bilan.work import State
from bilan_social_profiles.vocabulary import POSTS
from fixtures.pages import HOST, Reader
from support.networks.engine import Agency
from support.networks.world import Network

pytestmark = [pytest.mark.requirement("AD-17"), pytest.mark.integration]

Colour = tuple[int, int, int]


def colour(content: bytes) -> Colour:
    """The colour of a picture that has one alone."""
    pixel: Any = Image.open(BytesIO(content)).convert("RGB").resize((1, 1)).getpixel((0, 0))
    return pixel


def told_apart(contents: Iterable[bytes], drawn: Sequence[Colour]) -> list[int]:
    """Which of the colours the pictures have, in the order of these; JPEG tells them nearly."""
    found = list[int]()
    for one in map(colour, contents):
        far = [max(abs(part - other) for part, other in zip(one, each, strict=True)) for each in drawn]
        assert min(far) < 5
        found.append(far.index(min(far)))
    return sorted(found)


async def test_pictures_of_pulled_posts_are_in_the_gallery_of_the_reports_page_and_pdf(
    social_agency: Agency,
) -> None:
    services, world = social_agency.bilan.services, social_agency.world
    posts = world.only(Network.INSTAGRAM).listed(world.now)
    drawn = [colour(world.pictures[post.pictures[0]].content) for post in posts]
    each = [0, 1, 2, 3]
    source = await social_agency.source(Network.INSTAGRAM)
    run = await social_agency.pull(source)
    assert (run.state, run.pictures_missing) == (State.SUCCEEDED, 0)
    keys = {row["picture"] for row in social_agency.rows(POSTS, source.id)}
    assert told_apart([await services.files.read(key) for key in keys], drawn) == each

    report = await services.runs.start(
        social_agency.owner, "social.content", {"period": "last_90_days"}, [RenderSpec("pdf")]
    )
    for _step in ("build", "render"):
        await social_agency.work()
    report = await services.runs.get(social_agency.owner, report.id)
    (artifact,) = report.artifacts

    transport = ASGITransport(app=web_application(social_agency.bilan), client=("127.0.0.1", 1234))
    async with AsyncClient(transport=transport, base_url=HOST) as client:
        reader = Reader(client)
        await reader.goes("/sign-in", {"email": "olga@example.org", "password": social_agency.password})
        page = await reader.get(f"/runs/{report.id}")
        shown = [one.attributes["src"] for one in page.all("img") if "/pictures/" in one.attributes["src"]]
        assert set(shown) == {f"/pictures/{report.id}/{key}" for key in keys}
        assert told_apart([(await client.get(address)).content for address in shown], drawn) == each

    printed = PdfReader(BytesIO(await services.files.read(artifact.sha256)))
    assert told_apart((image.data for sheet in printed.pages for image in sheet.images), drawn) == each
