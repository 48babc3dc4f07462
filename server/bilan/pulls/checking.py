"""What the credentials of sources can see, as the service says it when it is asked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from time import monotonic
from typing import Any, TypeVar

import anyio
import anyio.to_thread
import structlog

from bilan.catalog.text import sanitise
from bilan.clock import Clock
from bilan.pulls.asking import AskContext, Asking, secrets_in
from bilan.pulls.models import PulledSourceRow
from bilan.sdk.errors import BilanError, Invalid, Unavailable
from bilan.sdk.pulls import Checked, Pull
from bilan.sdk.sources import SourceKind
from bilan.sdk.textdomain import _
from bilan.sources import Source, Sources
from bilan.sources.models import SourceRow
from bilan.sources.redaction import redacted, redacted_message

T = TypeVar("T")
log = structlog.get_logger(__name__)

DAILY = timedelta(days=1)
"""How often a source that is pulled has its credentials looked at again."""
AT_ONCE = 4
"""Checks and discoveries side by side: each waits for somebody else's server."""
LONGEST = 30.0
"""Seconds that one may take in all, so that a server that dawdles holds up nobody else's."""


class Checks:
    """Asks services what credentials are good for, and keeps what they said with the source."""

    def __init__(self, sources: Sources, asking: Asking, clock: Clock) -> None:
        self._sources, self._asking, self._clock = sources, asking, clock
        self._places = anyio.CapacityLimiter(AT_ONCE)

    async def check(self, source: Source) -> Checked:
        """Ask, and keep the answer. Raises with a sentence why the credentials are no good."""
        kind, pull = self._asking.pull_of(source)
        settings = await self._sources.open_settings(source.id)
        checked = _without(secrets_in(kind, settings), await self.ask(kind, pull, settings, pull.check))
        await PulledSourceRow.get_or_create(source=source.id)
        await PulledSourceRow.filter(source=source.id).update(
            checked_at=self._clock.now(), said=checked.said, missing=list(checked.missing) or None
        )
        await SourceRow.filter(id=source.id).update(ends_at=checked.ends_at)
        return checked

    async def look_again(self, source: Source) -> None:
        """Ask once a day, so that the end of a token is known. What fails here fails no pull."""
        row = await PulledSourceRow.get_or_none(source=source.id)
        # Of a check that lies ahead, the clock was wrong.
        if row and row.checked_at and timedelta(0) <= self._clock.now() - row.checked_at < DAILY:
            return
        try:
            await self.check(source)
        except BilanError as error:
            log.info("the credentials could not be checked", source=str(source.id), because=str(error))

    async def ask(
        self, kind: SourceKind, pull: Pull, settings: Mapping[str, Any], what: Callable[[AskContext], T]
    ) -> T:
        """What the plugin's code gives with these settings, in a thread. Raises what it raises."""
        secrets = secrets_in(kind, settings)

        def work() -> T:
            with self._asking.open(pull, settings, _within(LONGEST)) as context:
                return what(context)

        try:
            return await anyio.to_thread.run_sync(work, limiter=self._places)
        except BilanError as error:
            raise redacted(error, secrets) from None
        except Exception as error:
            said = sanitise(repr(error))
            raise redacted(Invalid(_("The plugin failed to pull: {error}", error=said)), secrets) from None


def _within(seconds: float) -> Callable[[], None]:
    """What ends the asking once so many seconds have passed."""
    ends_at = monotonic() + seconds

    def check() -> None:
        if monotonic() > ends_at:
            raise Unavailable(
                _(
                    "The service took longer than {count:count} seconds. Try again later.",
                    count=round(seconds),
                )
            )

    return check


def _without(secrets: Collection[str], checked: Checked) -> Checked:
    """The same without what the service repeats of the secrets."""
    missing = tuple(redacted_message(one, secrets) for one in checked.missing)
    return replace(checked, said=redacted_message(checked.said, secrets), missing=missing)
