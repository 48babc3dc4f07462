"""Sections that fail alone: a mistake in one is marked in the report and leaves the others be."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from bilan.sdk.document import Block, Notice, Section, Text
from bilan.sdk.errors import BilanError, Cancelled, Unavailable
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _

log = logging.getLogger(__name__)


def section(key: str, title: Text, blocks: Callable[[], Iterable[Block]]) -> Section:
    """The section with the blocks that ``blocks`` makes, or with a notice that says why it has none.

    Only a cancelled run and a warehouse that does not answer are passed on:
    there the whole run stops, or is tried again later.
    """
    try:
        return Section(key, title, tuple(blocks()))
    except (Cancelled, Unavailable):
        raise
    except BilanError as error:
        log.warning("The section %s cannot be made: %s", key, error)
        return _failed(key, title, error.message)
    except Exception:
        log.exception("The section %s failed.", key)
        sentence = _(
            "This part of the report could not be made because of a mistake in the program. "
            "The other parts are not affected; the server's log says more."
        )
        return _failed(key, title, sentence)


def _failed(key: str, title: Text, why: Message) -> Section:
    return Section(key, title, (Notice(why, "error"),))
