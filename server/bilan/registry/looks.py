"""Looks: how plugins render formats and blocks of their own, and which rules their stylesheets may have."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bilan.registry.declared import Registry
from bilan.registry.mistakes import mistake
from bilan.sdk.messages import Message
from bilan.sdk.rendering import BlockRenderer, Renderer
from bilan.sdk.textdomain import _

BLOCK_FORMATS = ("html", "pdf", "pptx")
"""The core's formats in which a block may have a look of its own."""
WITHOUT_MEANING = re.compile(r"/\*.*?\*/|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'", re.DOTALL)
"""Comments and texts, whatever they hold."""
FORBIDDEN = ("<", "\\", "url(", "image-set(", "expression(", "/*", '"', "'")
"""What leads out of a stylesheet or to another address, and what begins and does not end."""
GROUPS = ("@media", "@supports", "@container")
"""What may stand around rules."""


def check_looks(registry: Registry) -> None:
    """Each format and block is rendered once, where something renders it; raises ``Misdeclared``."""
    taken: dict[str, str] = {}
    formats = sorted({*BLOCK_FORMATS, *registry.renderers})
    for one in registry.declared:
        for renderer in one.renderers:
            what = renderer.format if isinstance(renderer, Renderer) else f"{renderer.format}/{renderer.kind}"
            if what in taken:
                reason = _("the plugin {other} already renders {format}", other=taken[what], format=what)
                raise mistake(one.plugin.name, reason)
            if renderer.format not in formats:
                reason = _(
                    "it renders {block} for a format that nobody renders; there are {formats}",
                    block=what, formats=", ".join(formats),
                )  # fmt: skip
                raise mistake(one.plugin.name, reason)
            if isinstance(renderer, BlockRenderer) and (wrong := _wrong(renderer, one.plugin.namespace)):
                raise mistake(one.plugin.name, wrong)
            taken[what] = one.plugin.name


def _wrong(renderer: BlockRenderer, namespace: str) -> Message | None:
    """What is wrong with the stylesheet of a look, if anything is."""
    if not renderer.style:
        return None
    if renderer.format != "html":
        return _("the look of {block} has a stylesheet, which only html has", block=renderer.kind)
    plain = WITHOUT_MEANING.sub("", renderer.style)
    if found := next((one for one in FORBIDDEN if one in plain.lower()), ""):
        return _("the stylesheet of {block} may not hold {what}", block=renderer.kind, what=found)
    for selector in selectors(plain):
        if not selector.startswith(f".{namespace}-"):
            return _(
                "the stylesheet of {block} reaches out of it by {selector}: every selector begins with "
                ".{namespace}- and a name", block=renderer.kind, selector=selector, namespace=namespace,
            )  # fmt: skip
    return None


def selectors(style: str) -> Iterator[str]:
    """The selectors of a stylesheet without comments and texts; what is none, such as ``@import``, as it is.

    Rules within a rule are of that rule, so they are not looked at.
    """
    depth, within, start = 0, 0, 0
    for place, char in enumerate(style):
        if char == "{":
            head = style[start:place].strip()
            if depth == within:
                if head.startswith(GROUPS):
                    within += 1
                else:
                    yield from (one.strip() for one in _parts(head))
            depth, start = depth + 1, place + 1
        elif char == "}":
            depth, start = depth - 1, place + 1
            within = min(within, max(depth, 0))
            if depth < 0:
                yield "}"
        elif char == ";" and depth == within:
            yield style[start : place + 1].strip()
            start = place + 1
    if rest := style[start:].strip() or "{" * (depth > 0):
        yield rest


def _parts(head: str) -> list[str]:
    """The selectors of a list; commas within brackets part none."""
    parts, depth = [""], 0
    for char in head:
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(char, 0)
        if char == "," and not depth:
            parts.append("")
        else:
            parts[-1] += char
    return parts
