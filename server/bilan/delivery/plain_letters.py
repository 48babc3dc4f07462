"""Words plain e-mails for whoever gets them: anew at each attempt, to the same bytes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

import anyio.to_thread

from bilan.branding import Branding
from bilan.delivery.email.plain import OutgoingMail, PlainLetter
from bilan.delivery.models import DeliveryRow
from bilan.delivery.values import GrantWords, PlainMail
from bilan.i18n import LocaleFormatter, Translator, formatter_for
from bilan.registry.declared import Registry
from bilan.rendering.context import render_context
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _

FORMAT = "email"


class PlainLetters:
    """Composes plain e-mails. ``compose`` makes the bytes but for the recipient, for threads.

    ``password_link`` signs what a link to choose a password tells; ``words_of``
    gives the link and the password of a viewer's grant.
    """

    def __init__(
        self,
        registry: Registry,
        translator: Translator,
        branding: Branding,
        compose: Callable[[OutgoingMail], bytes],
        password_link: Callable[[str], str],
        words_of: Callable[[UUID], Awaitable[GrantWords]],
    ) -> None:
        self._registry, self._translator, self._branding = registry, translator, branding
        self._compose, self._password_link, self._words_of = compose, password_link, words_of

    async def compose(self, row: DeliveryRow, confirmation: str) -> bytes:
        """The e-mail of a delivery, whose sending has been fetched; the same at every attempt."""
        sending, mail = row.sending, row.sending.mail
        assert mail is not None  # noqa: S101 - it is one
        brand = await self._branding.info(sending.workspace)
        formatter = formatter_for(self._translator, row.language, row.zone or "UTC")
        context = render_context(
            self._registry, FORMAT, formatter, brand.name, brand=await self._branding.brand(brand)
        )
        url = self._password_link(mail.chooses) if mail.chooses else mail.url or confirmation
        told: tuple[Message, ...] = ()
        if mail.grant:
            words = await self._words_of(UUID(mail.grant))
            url, told = words.url, _password(words.password) if mail.tells_password else ()
        letter = _letter(mail, formatter, brand.name, url, told)
        outgoing = OutgoingMail(row.id.hex, letter, context, sending.created_at)
        return await anyio.to_thread.run_sync(self._compose, outgoing)

    def password(self, row: DeliveryRow, password: str) -> str:
        """What an e-mail says of the password that it tells, in its reader's language."""
        say = formatter_for(self._translator, row.language, row.zone or "UTC").text
        return " ".join(map(say, _password(password)))


def _password(password: str) -> tuple[Message, ...]:
    if password:
        return (_("Password: {password}", password=password),)
    # It leaves so late that the password is no longer kept.
    return (_("Ask them for the password, which this server does not keep."),)


def _letter(
    mail: PlainMail, formatter: LocaleFormatter, workspace: str, url: str, told: tuple[Message, ...]
) -> PlainLetter:
    say = formatter.text
    return PlainLetter(
        language=formatter.language,
        direction=formatter.direction,
        workspace=workspace,
        subject=say(mail.subject),
        paragraphs=tuple(map(say, (*mail.paragraphs, *told))),
        button=(say(mail.button), url) if mail.button else None,
        footer=(say(_("Sent by Bilan for {workspace}.", workspace=workspace)),),
    )
