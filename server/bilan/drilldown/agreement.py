"""Agreement: whether the rows behind a figure come to it, and what a reader must know of them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bilan.sdk.document import Document, Mark, plain_value
from bilan.sdk.messages import Message
from bilan.sdk.metrics import Change, Difference, Distinct, Latest, Max, Metric, Min, Ratio
from bilan.sdk.textdomain import _, ngettext

if TYPE_CHECKING:
    from bilan.drilldown.figures import Figure
    from bilan.query.recount import Recount


def remarks(document: Document, figure: Figure, metric: Metric, recount: Recount) -> Iterator[Message]:
    """How the rows come to the figure, and where they do not."""
    yield _counted(metric, recount)
    if figure.note is not None:
        yield figure.note
    printed = {one.key: one.version for one in document.definitions}
    if printed.get(metric.key, metric.version) != metric.version:
        yield _("The definition of {metric} has changed since this report was built.", metric=metric.label)
    if not agrees(figure, recount):
        yield _(
            "Counted from these rows alone the figure differs from the report's: facts were corrected or "
            "erased since it was built, or a source stated a part of it."
        )


def _counted(metric: Metric, recount: Recount) -> Message:
    """How the rows come to the figure."""
    match metric.formula:
        case Ratio():
            (numerator, above), (denominator, below) = recount.made_of
            return _(
                "{above:count} “{numerator}” divided by {below:count} “{denominator}”.",
                above=above, numerator=numerator.label, below=below, denominator=denominator.label,
            )  # fmt: skip
        case Difference():
            (plus, above), (minus, below) = recount.made_of
            return _(
                "{above:count} “{plus}” minus {below:count} “{minus}”.",
                above=above, plus=plus.label, below=below, minus=minus.label,
            )  # fmt: skip
        case Latest():
            return ngettext(
                "{count} row, the last one of what has a value.",
                "{count} rows, the last one of each that has a value.",
                count=recount.rows,
            )
        case Change():
            return ngettext(
                "{count} row, the last one at the end and before the start alike.",
                "{count} rows, the last one of each at the end and the one before the start.",
                count=recount.rows,
            )
        case Distinct():
            return ngettext(
                "{figure:count} distinct of {count} row.",
                "{figure:count} distinct of {count} rows.",
                count=recount.rows,
                figure=recount.value,
            )
        case Min():
            return ngettext(
                "The earliest of {count} row.", "The earliest of {count} rows.", count=recount.rows
            )
        case Max():
            return ngettext("The latest of {count} row.", "The latest of {count} rows.", count=recount.rows)
        case _:
            return ngettext("{count} row.", "{count} rows.", count=recount.rows)


def agrees(figure: Figure, recount: Recount) -> bool:
    """Whether the rows come to the figure; true of one that holds more than they do."""
    if figure.derived or figure.mark is Mark.MIXED:
        return True
    shown, plain = figure.value, plain_value(recount.value)
    if not recount.rows and not shown and not plain:
        return True
    if isinstance(shown, int | float) and isinstance(plain, int | float):
        return math.isclose(shown, plain, rel_tol=1e-9, abs_tol=1e-12)
    return shown == plain
