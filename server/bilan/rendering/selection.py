"""Which parts of a document are rendered: all, or those that somebody picked, in their order."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from bilan.rendering.options import option
from bilan.sdk.document import SINCE_LAST_COPY, Block, Document, Notice, Paragraph
from bilan.sdk.parameters import Choice, Parameter, ParameterKind
from bilan.sdk.rendering import RenderContext, Renderer
from bilan.sdk.textdomain import _

GLOBAL, CUSTOM = "global", "custom"

SELECTING = (
    Parameter(
        "content", _("Content"), ParameterKind.CHOICE,
        choices=(
            Choice(GLOBAL, _("Everything")), Choice(CUSTOM, _("The chosen parts")),
        ),
        help=_("Files for programs hold everything by default, others the parts that the report chose."),
    ),
    Parameter(
        "blocks", _("Parts"), ParameterKind.TAGS,
        help=_("Which parts, by their keys and in this order, in place of those that the report chose."),
    ),
)  # fmt: skip
"""What every format can be asked beside its own options."""


def selected(document: Document, context: RenderContext, renderer: Renderer) -> Document:
    """The document with the parts that are to be rendered, in order.

    The data stays what it is: a selection is a matter of the rendering, so that
    any other can be rendered of the same document later.
    """
    asked: Sequence[str] = context.options.get("blocks") or ()
    content = context.options.get("content") or (GLOBAL if renderer.data and not asked else CUSTOM)
    return chosen(document, asked or chosen_by_report(document, context)) if content == CUSTOM else document


def chosen_by_report(document: Document, context: RenderContext) -> tuple[str, ...]:
    """The keys of the parts that the report chose; none where it has all of them.

    What changed since the last copy is no part of the kind's to choose: it stays, behind the others.
    """
    keys: Sequence[str] = option(document, context, "blocks") or ()
    return (*keys, SINCE_LAST_COPY) if keys else ()


def chosen(document: Document, keys: Sequence[str]) -> Document:
    """The document with the blocks of these keys, in their order; without keys, as it is.

    Sentences between the blocks have no keys and belong to the whole: they stay, ahead of the blocks.
    """
    if not keys:
        return document
    by_key = {key_of(block): block for block in document.blocks}
    sentences = (block for block in document.blocks if isinstance(block, Notice | Paragraph))
    return replace(document, blocks=(*sentences, *(by_key[key] for key in keys if key in by_key)))


def key_of(block: Block) -> str:
    """The key by which a block is picked; sentences have none."""
    return "" if isinstance(block, Notice | Paragraph) else block.key
