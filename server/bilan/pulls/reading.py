"""What a plugin's pull gives, read in pieces that end at checkpoints."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from uuid import UUID

import structlog

from bilan.catalog.text import sanitise
from bilan.ingest.batch import Batch
from bilan.ingest.namespaces import check_namespace
from bilan.sdk.columns import FactColumns
from bilan.sdk.delivery_reports import DeliveryReport
from bilan.sdk.errors import BilanError, Invalid
from bilan.sdk.messages import Message
from bilan.sdk.pulls import LARGEST_STATE, Checkpoint, Pulled, PullNote
from bilan.sdk.textdomain import _
from bilan.sources.redaction import redacted, redacted_message

log = structlog.get_logger(__name__)

ENOUGH = 2_000
"""Items after which a checkpoint ends a piece."""
TOGETHER = 2.0
"""Seconds after which a checkpoint ends a piece, however little there is."""
MOST = 50_000
"""Items that are read at most before they are written, whether a checkpoint came or not."""


@dataclass(slots=True)
class Piece:
    """What was read since the last piece: facts to be written, and the checkpoint that is durable then."""

    batch: Batch
    checkpoint: Checkpoint | None = None
    notes: list[Message] = field(default_factory=list[Message])
    ended: bool = False
    failure: BilanError | None = None


class Pieces:
    """Reads what a pull gives, piece by piece. Blocking.

    ``number`` is that of the first fact, from 1; they are of datasets of the plugin's ``namespace``. What
    is told of a failure or by the plugin is without the source's ``secrets``.
    """

    def __init__(
        self,
        items: Iterator[Pulled],
        batch: Callable[[], Batch],
        namespace: str,
        source: UUID,
        number: int,
        secrets: frozenset[str],
        *,
        together: float = TOGETHER,
    ) -> None:
        self._items, self._batch, self._source = items, batch, source
        self._number, self._secrets, self._together = number, secrets, together
        self._namespace = namespace
        self._at_checkpoint = False

    def next(self) -> Piece:
        """Read on to a checkpoint, to the end, or to where the pull fails."""
        piece, began = Piece(self._batch()), time.monotonic()
        try:
            while not self._full(piece, began):
                item = next(self._items, None)
                if item is None:
                    piece.ended = True
                    break
                self._take(piece, item)
            piece.batch.check()
        except BilanError as error:
            piece.failure = redacted(error, self._secrets)
        except Exception as error:
            # Without its trace, whose lines may hold a token.
            said = sanitise(repr(error))
            piece.failure = redacted(
                Invalid(_("The plugin failed to pull: {error}", error=said)), self._secrets
            )
            log.error("the plugin failed to pull", source=str(self._source), error=str(piece.failure))
        return piece

    def at_end(self) -> bool:
        """Whether nothing comes any more; what does come is left for whoever goes on from the checkpoint."""
        try:
            return next(self._items, None) is None
        except Exception:
            return False

    def _full(self, piece: Piece, began: float) -> bool:
        if piece.batch.items >= MOST:
            return True
        if piece.checkpoint is None or not self._at_checkpoint:
            return False
        return piece.batch.items >= ENOUGH or time.monotonic() - began >= self._together

    def _take(self, piece: Piece, item: Pulled) -> None:
        self._at_checkpoint = isinstance(item, Checkpoint)
        if isinstance(item, Checkpoint):
            _check_state(item)
            said = item.said and redacted_message(item.said, self._secrets)
            piece.checkpoint = replace(item, said=said)
        elif isinstance(item, PullNote):
            piece.notes.append(redacted_message(item.message, self._secrets))
        elif isinstance(item, DeliveryReport):
            piece.batch.reports.append(item)
        else:
            check_namespace(item, self._namespace)
            piece.batch.add(self._source, self._number, item)
            self._number += len(item) if isinstance(item, FactColumns) else 1


def _check_state(checkpoint: Checkpoint) -> None:
    """Raise ``Invalid`` unless the state is small, and the same once it has been JSON."""
    try:
        written = json.dumps(dict(checkpoint.state), allow_nan=False)
        same = json.loads(written) == dict(checkpoint.state)
    except (TypeError, ValueError, RecursionError):
        written, same = "", False
    if not same or len(written.encode()) > LARGEST_STATE:
        raise Invalid(
            _("The plugin's checkpoint has a state that is not JSON of at most {most:count} bytes.",
              most=LARGEST_STATE)
        )  # fmt: skip
