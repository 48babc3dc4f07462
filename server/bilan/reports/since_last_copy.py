"""Since the last copy: what has moved since the copy that recipients have, and, apart, what was restated.

A copy is counted anew, for its own days and as of now. Where that differs from what
it said, it is restated; where it differs from the new report, a figure has moved. So
what came late is never growth. See docs/decisions/117.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from math import isclose

from msgspec.structs import replace

from bilan.reports.definitions import with_parts
from bilan.sdk.document import SINCE_LAST_COPY as KEY
from bilan.sdk.document import Block, Cell, Document, Kpi, Kpis, Paragraph, Section, Table, TableColumn, Text
from bilan.sdk.errors import BilanError, Cancelled
from bilan.sdk.messages import Message
from bilan.sdk.metrics import Metric
from bilan.sdk.textdomain import _, ngettext
from bilan.sdk.units import FIGURES, Unit
from bilan.sdk.walk import leaves

MOST_COPIES = 4
"""So many of the last copies are counted anew."""
MOST_LISTED = 24
"""So many figures are shown, moved and restated each; all are in the data files."""
MOVEMENT, RESTATEMENT = "movement", "restatement"
Days = tuple[str, str]
"""The first and the last day, both included."""


@dataclass(frozen=True, slots=True)
class EarlierCopy:
    """A copy that recipients got, sent at a moment in UTC.

    ``document`` is what they got, as far as it is kept. ``recount`` builds the
    same as of now; there is none where the report asks for something else by
    now. ``closed`` says that its days were over when it was built.
    """

    sent_at: datetime
    document: Document | None = None
    recount: Callable[[], Document] | None = None
    closed: bool = True


@dataclass(frozen=True, slots=True)
class _Change:
    """A figure that is another: ``tile`` holds what it is now, ``days`` are those of the copy."""

    kind: str
    tile: Kpi
    was: float | None
    days: Days | None


def figures_of(document: Document) -> dict[str, Kpi]:
    """The leading figures of a report, by their keys; of several with one key, the first."""
    found = dict[str, Kpi]()
    for _title, block in leaves(own_blocks(document)):
        if isinstance(block, Kpis):
            for tile in block.tiles:
                found.setdefault(tile.key, tile)
    return found


def own_blocks(document: Document) -> tuple[Block, ...]:
    """The blocks that a kind of report made, without what is told of earlier copies."""
    return tuple(block for block in document.blocks if not is_told(block))


def is_told(block: Block) -> bool:
    """Whether a block tells of earlier copies."""
    return isinstance(block, Section) and block.key == KEY


def tell(document: Document, copies: Sequence[EarlierCopy], metrics: Mapping[str, Metric]) -> Document:
    """The document with what changed since these copies, the last one first, behind its first figures."""
    blocks, section = document.blocks, _Telling(document, copies, metrics).section()
    at = next((place + 1 for place, block in enumerate(blocks) if _has_figures(block)), 0)
    return replace(document, blocks=(*blocks[:at], section, *blocks[at:]))


def _has_figures(block: Block) -> bool:
    return any(isinstance(one, Kpis) for _title, one in leaves((block,)))


@dataclass
class _Telling:
    """What is to be said of one report and the copies before it."""

    document: Document
    copies: Sequence[EarlierCopy]
    metrics: Mapping[str, Metric]
    incomparable: dict[str, Text] = field(default_factory=dict[str, Text])
    failures: list[Message] = field(default_factory=list[Message])

    def section(self) -> Section:
        return Section(KEY, _("Since the last copy"), tuple(self._blocks()))

    def _blocks(self) -> Iterator[Block]:
        if not self.copies:
            yield Paragraph(_("This is the first copy: there is none before that it could be compared with."))
            return
        last = self.copies[0]
        yield Paragraph(_introduced(last, self.document))
        if last.document is None or last.recount is None:
            return
        restated = list(self._restated())
        moved = list(self._moved(last))
        if moved:
            yield Kpis(f"{KEY}.moved", tuple(map(_moved_tile, moved[:MOST_LISTED])))
        yield from self._restated_blocks(restated)
        yield from map(Paragraph, self._remarks())
        if moved or restated:
            yield _table([*moved, *restated])

    def _restated_blocks(self, restated: Sequence[_Change]) -> Iterator[Block]:
        if restated:
            said = ngettext(
                "Restated: {count} figure of days already reported is another by now.",
                "Restated: {count} figures of days already reported are others by now.",
                count=len(restated),
            )
            shown = tuple(map(_restated_tile, restated[:MOST_LISTED]))
            yield Kpis(f"{KEY}.restated", shown, headline=said)
            if (rest := len(restated) - len(shown)) > 0:
                yield Paragraph(ngettext("And one more.", "And {count} more.", count=rest))
        elif self._closed and not self.failures:
            yield Paragraph(_("Nothing was restated: figures of days already reported are what they were."))

    def _remarks(self) -> Iterator[Message]:
        yield from self.failures
        for figure in self.incomparable.values():
            yield _(
                "“{figure}” is not compared with what an earlier copy said: it means something else by now.",
                figure=figure,
            )

    @cached_property
    def _closed(self) -> Sequence[tuple[EarlierCopy, Document, Document | None]]:
        """Copies of days that were over, one for each period, with what they said and what that is now."""
        found = dict[Days | None, tuple[EarlierCopy, Document, Document | None]]()
        for copy in self.copies:
            said = copy.document
            if said is not None and copy.recount is not None and copy.closed and said.period not in found:
                found[said.period] = (copy, said, self._recounted(copy.recount, said.period))
        return tuple(found.values())

    def _recounted(self, recount: Callable[[], Document], days: Days | None) -> Document | None:
        try:
            return recount()
        except Cancelled:
            raise
        except BilanError as error:
            first, last = days or ("", "")
            self.failures.append(
                _("The figures of {first:date} to {last:date} could not be counted anew: {reason}",
                  first=first, last=last, reason=error.message)
            )  # fmt: skip
            return None

    def _restated(self) -> Iterator[_Change]:
        told = self._told_last()
        for _copy, said, now in self._closed:
            if now is None:
                continue
            found = figures_of(now)
            for key, before in figures_of(said).items():
                if not _is_figure(before):
                    continue
                after = found.get(key)
                if after is None or not self._alike(before, said, after, now):
                    self.incomparable.setdefault(key, before.label)
                    continue
                was = told[key, said.period]
                if _differ(was, _number(after)):
                    yield _Change(RESTATEMENT, after, was, said.period)

    def _told_last(self) -> dict[tuple[str, Days | None], float | None]:
        """What was last said of each figure of each period, also where a later copy restated it."""
        told = dict[tuple[str, Days | None], float | None]()
        for copy in self.copies:
            if copy.document is None:
                continue
            for key, tile in figures_of(copy.document).items():
                told.setdefault((key, copy.document.period), _number(tile))
            for key, days, value in _restated_in(copy.document):
                told.setdefault((key, days), value)
        return told

    def _moved(self, last: EarlierCopy) -> Iterator[_Change]:
        """The figures of the new report beside those of the last copy's days, both as of now."""
        said = last.document
        if said is None or (said.period is not None and said.period == self.document.period):
            return  # the same days cannot move, only be restated
        counted = {one.period: now for _copy, one, now in self._closed}
        base = counted.get(said.period) if last.closed else said
        if base is None:
            return
        before = figures_of(base)
        for key, tile in _leading(figures_of(self.document)).items():
            old = before.get(key)
            if old is None or not _is_figure(tile) or _number(tile) is _number(old) is None:
                continue
            if self._alike(old, base, tile, self.document):
                yield _Change(MOVEMENT, tile, _number(old), said.period)
            else:
                self.incomparable.setdefault(key, tile.label)

    def _alike(self, one: Kpi, then: Document, other: Kpi, now: Document) -> bool:
        """Whether two figures mean the same."""
        meant, means = ({one.key: one.version for one in document.definitions} for document in (then, now))
        parts = with_parts(other.metric, self.metrics) if other.metric else ()
        same = all(meant.get(part) == means.get(part) for part in parts)
        return one.unit is other.unit and one.metric == other.metric and same


def _introduced(last: EarlierCopy, document: Document) -> Message:
    """Which copy the report is compared with, or why with none."""
    at, said = last.sent_at.isoformat(), last.document
    if said is None:
        return _(
            "The last copy, sent on {at:instant}, is not kept any more: nothing is compared with it.", at=at
        )
    if last.recount is None:
        return _(
            "The report asks for something else than the last copy, sent on {at:instant}, or asks other "
            "sources: its figures are not compared with that.",
            at=at,
        )
    if not last.closed or said.period is None:
        return _(
            "The last copy was sent on {at:instant}, before its days were over: what came late since is not "
            "told apart from what is new.",
            at=at,
        )
    first, end = said.period
    if said.period == document.period:
        return _(
            "The last copy, sent on {at:instant}, is about the same days, {first:date} to {last:date}: what "
            "differs from it is restated.",
            at=at, first=first, last=end,
        )  # fmt: skip
    return _(
        "The last copy, sent on {at:instant}, is about {first:date} to {last:date}. Beside each figure "
        "stands that of those days as it is by now: what came late is restated, never growth.",
        at=at, first=first, last=end,
    )  # fmt: skip


def _leading(figures: Mapping[str, Kpi]) -> Mapping[str, Kpi]:
    """Those that lead; where none does, all of them."""
    return {key: tile for key, tile in figures.items() if tile.lead} or figures


def _is_figure(tile: Kpi) -> bool:
    return tile.unit in FIGURES and not isinstance(tile.value, str)


def _number(tile: Kpi) -> float | None:
    return tile.value if isinstance(tile.value, int | float) else None


def _differ(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is not other
    return not isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)


def _moved_tile(change: _Change) -> Kpi:
    return replace(change.tile, previous=change.was, compared=True, alike=None, lead=False, beside=None)


def _restated_tile(change: _Change) -> Kpi:
    first, last = change.days or ("", "")
    note = (
        _("restated, for {first:date}", first=first)
        if first == last
        else _("restated, for {first:date} to {last:date}", first=first, last=last)
    )
    return replace(_moved_tile(change), note=note)


def _table(changes: Sequence[_Change]) -> Table:
    """All of it for data files, which hold no tiles."""
    return Table(
        key=KEY,
        title=_("Since the last copy"),
        file=KEY,
        hidden=True,
        columns=(
            TableColumn(
                key="change",
                label=_("Change"),
                names={MOVEMENT: _("Movement"), RESTATEMENT: _("Restated")},
            ),
            TableColumn(key="figure", label=_("Key of the figure"), data=True),
            TableColumn(key="label", label=_("Figure")),
            TableColumn(key="first", label=_("First day of the earlier copy"), unit=Unit.DATE),
            TableColumn(key="last", label=_("Last day of the earlier copy"), unit=Unit.DATE),
            TableColumn(key="was", label=_("Before"), unit=Unit.NUMBER),
            TableColumn(key="now", label=_("Now"), unit=Unit.NUMBER),
        ),
        rows=[
            [
                change.kind,
                change.tile.key,
                Cell(change.tile.label) if isinstance(change.tile.label, Message) else change.tile.label,
                *(change.days or (None, None)),
                change.was,
                _number(change.tile),
            ]
            for change in changes
        ],
    )


def _restated_in(document: Document) -> Iterator[tuple[str, Days, float | None]]:
    """What a copy said of the figures of days that were reported before it."""
    for _title, block in leaves(tuple(block for block in document.blocks if is_told(block))):
        if isinstance(block, Table):
            for kind, key, _label, first, last, _was, now in block.rows:
                if kind == RESTATEMENT:
                    number = now if isinstance(now, int | float) else None
                    yield str(key), (str(first), str(last)), number
