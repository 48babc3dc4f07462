"""Simple pictures for the simulated posts: shapes in the colours of their brand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from bilan_social_profiles.sample.brands import PICTURES, SimulatedProfile

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

SIZE = 480
SHAPES = 7


def draw_pictures(profile: SimulatedProfile, folder: Path) -> Mapping[str, Path]:
    """The pictures of a profile in a folder, by their names."""
    from PIL import Image, ImageColor, ImageDraw  # noqa: PLC0415 - large; loaded where samples are

    found = dict[str, Path]()
    for number in range(PICTURES):
        random = Random(f"{profile.brand.handle} {profile.network.name} {number}")  # noqa: S311 - no secret
        hue = profile.brand.color + random.randrange(-24, 25)
        image = Image.new("RGB", (SIZE, SIZE), ImageColor.getrgb(f"hsl({hue % 360}, 38%, 82%)"))
        canvas = ImageDraw.Draw(image)
        for _shape in range(SHAPES):
            tone, strong, light = (hue + random.randrange(-30, 31)) % 360, *random.sample(range(30, 70), 2)
            _draw(canvas, random, ImageColor.getrgb(f"hsl({tone}, {strong}%, {light}%)"))
        name = f"{profile.brand.handle}-{number}.jpg"
        found[name] = folder / name
        image.save(found[name], quality=82)
    return found


def _draw(canvas: ImageDraw, random: Random, color: tuple[int, ...]) -> None:
    left, top = random.randrange(-SIZE // 4, SIZE), random.randrange(-SIZE // 4, SIZE)
    wide, high = random.randrange(SIZE // 6, SIZE // 2), random.randrange(SIZE // 6, SIZE // 2)
    box = (left, top, left + wide, top + high)
    if random.random() < 0.5:
        canvas.ellipse(box, fill=color)
    else:
        canvas.rounded_rectangle(box, radius=min(wide, high) // 4, fill=color)
