"""A line as small as a word: the course of a figure, drawn beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from bilan.rendering.svg.elements import COLOURS, number

WIDTH, HEIGHT = 120.0, 32.0
"""The room that the line is drawn in, which is stretched to the room there is."""
EDGE = 2.0
"""Kept free above and below, so that the line is nowhere cut in half."""

Point = tuple[float, float]


def draw_spark(values: Sequence[int | float | None]) -> Markup:
    """The values as a line on its ground, from zero up; gaps stay gaps. Nothing where there are not two.

    It names no figure, so it is hidden from those who hear the page: the
    figure stands beside it, and the chart that has the same line names all.
    """
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return Markup("")
    low, high = min(0, *known), max(0, *known)
    across, up = WIDTH / (len(values) - 1), (HEIGHT - 2 * EDGE) / ((high - low) or 1)

    def y(value: float) -> float:
        return HEIGHT - EDGE - (value - low) * up

    points = [(place * across, None if one is None else y(one)) for place, one in enumerate(values)]
    runs = list(_runs(points))
    line = "".join(_path(run) for run in runs)
    ground = "".join(f"{_path(run)}V{number(y(0))}H{number(run[0][0])}Z" for run in runs)
    return Markup(  # noqa: S704 - nothing but numbers
        f'<svg class="spark" viewBox="0 0 {number(WIDTH)} {number(HEIGHT)}" width="{number(WIDTH)}"'
        f' height="{number(HEIGHT)}" preserveAspectRatio="none" aria-hidden="true">'
        f'<path d="{ground}" class="f1" fill="{COLOURS[0]}" fill-opacity=".1"/>'
        f'<path d="{line}" class="l1" stroke="{COLOURS[0]}" fill="none" stroke-width="1.75"'
        ' stroke-linejoin="round" stroke-linecap="round" vector-effect="non-scaling-stroke"/></svg>'
    )


def _runs(points: Sequence[tuple[float, float | None]]) -> Iterator[list[Point]]:
    """The stretches without a gap; a point between two gaps is one too."""
    run: list[Point] = []
    for x, y in points:
        if y is not None:
            run.append((x, y))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _path(run: Sequence[Point]) -> str:
    (x, y), *rest = run
    # A single point is a line of no length, which its round ends make a dot.
    return f"M{number(x)} {number(y)}" + "".join(f"L{number(x)} {number(y)}" for x, y in rest or run[:1])
