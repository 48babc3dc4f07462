"""The steps before a sending leaves: render each file, compose a letter for each language."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from bilan.delivery.letters import Letters
from bilan.delivery.models import DeliveryRow, SendingRow
from bilan.work import StepContext

WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""The waits between attempts to deliver that a server put off; grey lists want some minutes."""


class RenderAttachmentStep:
    """Renders one file of a sending, in one language."""

    def __init__(self, letters: Letters) -> None:
        self._letters = letters

    async def __call__(self, context: StepContext) -> None:
        arguments = context.arguments
        sending = await SendingRow.get(id=UUID(arguments["sending"]))
        await self._letters.render(
            sending, arguments["language"], arguments["format"], context.cancelled, arguments.get("zone")
        )


class ComposeStep:
    """Composes one letter of a sending; all of them where no language is named."""

    def __init__(self, letters: Letters) -> None:
        self._letters = letters

    async def __call__(self, context: StepContext) -> None:
        arguments, channel = context.arguments, context.claim.name.partition(":")[2]
        rows = DeliveryRow.filter(sending_id=UUID(arguments["sending"])).select_related("sending")
        if channel:
            rows = rows.filter(channel=channel)
        if language := arguments.get("language"):
            rows = rows.filter(language=language, letter=arguments.get("letter", ""))
        # Of those who get the same letter one stands for all.
        letters = {(row.channel, row.language, row.letter): row for row in await rows}
        for _which, row in sorted(letters.items()):
            context.check()
            await self._letters.compose(row, context.cancelled)
