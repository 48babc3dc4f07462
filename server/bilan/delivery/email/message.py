"""An outgoing report as an e-mail: composed once for all recipients, addressed to each.

The same report gives the same bytes: dates, names of parts and the message's
id come from the sending and the delivery, never from the clock or the machine.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.message import MIMEPart
from functools import lru_cache
from html import escape
from io import BytesIO

import msgspec
from PIL import Image

from bilan.delivery.email.encoded_text import EncodedText
from bilan.delivery.email.headers import (
    Sender,
    one_line,
    plain_headers,
    recipient_headers,
    shared_headers,
)
from bilan.delivery.email.html import Shown, render_html, render_plain_html
from bilan.delivery.email.letter import Letter, write_letter
from bilan.delivery.email.parts import Picture
from bilan.delivery.email.plain import OutgoingMail
from bilan.delivery.email.policy import POLICY
from bilan.delivery.email.text import render_plain_text, render_text
from bilan.rendering.picture_files import card_picture, media_type
from bilan.rendering.pictures import chart_png
from bilan.sdk.channels import OutgoingReport, RawMessage, Recipient, ReportFile
from bilan.sdk.rendering import Brand

CHART_WIDTH = 576
"""Pixels that a chart has in the letter; its picture holds more of them."""
CARD_WIDTH, CARD_HEIGHT = 120, 90
"""Pixels that a picture of a gallery has in the letter."""
LOGO_HEIGHT = 40
BASE64 = 78 / 57
"""What 57 bytes become in a message: a line of 76 characters and its end."""
HEADROOM = 2000
"""Bytes for what one recipient's message has beyond the composed one: address, name and ids."""
KEPT = 2
"""So many composed messages are kept as they are encoded, for the recipients who follow."""


class Composed(msgspec.Struct, frozen=True):
    """A message without its recipient. ``urls`` stand in its texts for the recipient's own links.

    So do ``subscription``, ``confirmation``, ``grant`` and ``password``, which older messages lack.
    """

    ident: str
    headers: bytes
    text: str
    html: str
    urls: tuple[str, ...]
    inline: tuple[bytes, ...]
    attachments: tuple[bytes, ...]
    subscription: str = ""
    confirmation: str = ""
    grant: str = ""
    password: str = ""

    @property
    def own(self) -> tuple[str, ...]:
        """What stands for what is a recipient's own, in the order of :func:`_own`."""
        return (*self.urls, self.subscription, self.confirmation, self.grant, self.password)


def compose(outgoing: OutgoingReport, sender: Sender, budget: int) -> bytes:
    """The message but for its recipient. Files that would make it too large are linked to."""
    if outgoing.attach and outgoing.files:
        estimated = sum(one.size for one in outgoing.files) * BASE64
        if estimated < budget:
            composed = _composed(outgoing, sender, write_letter(outgoing, attached=True), outgoing.files)
            if _length(composed) + HEADROOM <= budget:
                return msgspec.msgpack.encode(composed)
        letter = write_letter(outgoing, attached=False, too_large=True)
    else:
        letter = write_letter(outgoing, attached=False)
    return msgspec.msgpack.encode(_composed(outgoing, sender, letter))


def compose_plain(mail: OutgoingMail, sender: Sender) -> bytes:
    """A plain e-mail but for its recipient."""
    brand, cid = mail.render_context.brand, f"logo@{mail.ident}"
    logo = shown_logo(brand, f"cid:{cid}")
    composed = Composed(
        ident=mail.ident,
        headers=plain_headers(mail, sender),
        text=render_plain_text(mail.letter),
        html=render_plain_html(mail.letter, mail.render_context, logo),
        urls=(),
        inline=_inline_logo(brand, logo, cid),
        attachments=(),
    )
    return msgspec.msgpack.encode(composed)


def address(composed: bytes, recipient: Recipient, sender: Sender) -> RawMessage:
    """The message to one recipient."""
    encoded = _encoded(composed)
    own = recipient_headers(recipient, sender.domain)
    content = own + encoded.headers + encoded.body(recipient)
    return RawMessage(recipient.ident, sender.address, recipient.address, content, encoded.attached)


@dataclass(frozen=True, slots=True)
class Encoded:
    """A composed message whose parts are encoded, but for what is a recipient's own."""

    headers: bytes
    placeholders: tuple[str, ...]
    before: bytes
    text: EncodedText
    between: bytes
    html: EncodedText
    behind: bytes
    attached: bool

    @classmethod
    def of(cls, composed: Composed) -> Encoded:
        """Encode what all recipients share."""
        places = composed.own
        placeholders = tuple(filter(None, places))
        # Stand for the two texts while the other parts are put around them.
        text, html = b"\0text\0", b"\0html\0"
        before, _text, rest = _framed(composed, text, html).partition(text)
        between, _html, behind = rest.partition(html)
        return cls(
            headers=composed.headers,
            placeholders=places,
            before=before,
            text=EncodedText.of(composed.text, "plain", placeholders),
            between=between,
            html=EncodedText.of(composed.html, "html", placeholders),
            behind=behind,
            attached=bool(composed.attachments),
        )

    def body(self, recipient: Recipient) -> bytes:
        """The body for one recipient, whose links stand where the placeholders did."""
        own = zip(self.placeholders, _own(recipient), strict=True)
        values = {place: value for place, value in own if place}
        texts = (
            self.text.filled(values),
            self.html.filled({place: escape(value) for place, value in values.items()}),
        )
        return b"".join((self.before, texts[0], self.between, texts[1], self.behind))


def _own(recipient: Recipient) -> tuple[str, ...]:
    return (
        *recipient.links, recipient.subscription, recipient.confirmation, recipient.grant, recipient.password,
    )  # fmt: skip


@lru_cache(KEPT)
def _encoded(composed: bytes) -> Encoded:
    return Encoded.of(msgspec.msgpack.decode(composed, type=Composed))


def _composed(
    outgoing: OutgoingReport, sender: Sender, letter: Letter, files: Sequence[ReportFile] = ()
) -> Composed:
    pictures, logo, inline = _pictures(outgoing, letter)
    cards = _cards(outgoing, letter, inline)
    return Composed(
        ident=outgoing.ident,
        headers=shared_headers(outgoing, sender, letter),
        text=render_text(letter),
        html=render_html(letter, outgoing.render_context, pictures, logo, cards),
        urls=tuple(one.url for one in outgoing.files),
        inline=tuple(inline),
        attachments=tuple(map(_attachment, files)),
        subscription=outgoing.subscription,
        confirmation=outgoing.confirmation,
        grant=outgoing.grant,
        password=outgoing.password,
    )


def _length(composed: Composed) -> int:
    nobody = Recipient(
        "", "", "", composed.urls, composed.subscription, composed.confirmation, composed.grant,
        composed.password,
    )  # fmt: skip
    return len(composed.headers) + len(Encoded.of(composed).body(nobody))


def _framed(composed: Composed, text: bytes, html: bytes) -> bytes:
    """The body around its two texts."""
    ident, shown = composed.ident, html
    if composed.inline:
        shown = _multipart("related", f"{ident}_2", [shown, *composed.inline])
    body = _multipart("alternative", f"{ident}_1", [text, shown])
    if composed.attachments:
        body = _multipart("mixed", f"{ident}_0", [body, *composed.attachments])
    return body


def _attachment(file: ReportFile) -> bytes:
    main, _slash, sub = file.media_type.partition(";")[0].partition("/")
    part = MIMEPart(policy=POLICY)
    part.set_content(file.content(), main, sub, disposition="attachment", filename=one_line(file.name))
    return part.as_bytes()


def _inline(cid: str, content: bytes, subtype: str) -> bytes:
    part = MIMEPart(policy=POLICY)
    name = f"{cid.partition('@')[0]}.{subtype}"
    part.set_content(content, "image", subtype, cid=f"<{cid}>", disposition="inline", filename=name)
    return part.as_bytes()


def _multipart(kind: str, name: str, parts: Iterable[bytes]) -> bytes:
    """Parts behind each other. The boundary's name is given: the library would render it at random."""
    boundary = f"=_bilan_{name}".encode()
    head = b"Content-Type: multipart/" + kind.encode() + b'; boundary="' + boundary + b'"\r\n\r\n'
    body = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    return head + body + b"--" + boundary + b"--\r\n"


def _pictures(
    outgoing: OutgoingReport, letter: Letter
) -> tuple[Mapping[int, Shown], Shown | None, list[bytes]]:
    inline: list[bytes] = []
    shown: dict[int, Shown] = {}
    for index, part in enumerate(letter.parts):
        if isinstance(part, Picture):
            png = chart_png(part.chart, outgoing.render_context, scale=2.0)
            cid = f"chart-{index}@{outgoing.ident}"
            inline.append(_inline(cid, png, "png"))
            width, height = _size(png)
            shown[index] = Shown(f"cid:{cid}", CHART_WIDTH, round(CHART_WIDTH * height / width))
    brand, cid = outgoing.render_context.brand, f"logo@{outgoing.ident}"
    logo = shown_logo(brand, f"cid:{cid}")
    return shown, logo, [*inline, *_inline_logo(brand, logo, cid)]


def _inline_logo(brand: Brand, logo: Shown | None, cid: str) -> tuple[bytes, ...]:
    if logo is None or not brand.logo or not brand.logo_type:
        return ()
    return (_inline(cid, brand.logo, brand.logo_type.removeprefix("image/")),)


def _cards(outgoing: OutgoingReport, letter: Letter, inline: list[bytes]) -> Mapping[str, Shown]:
    """The pictures of galleries by their keys; their parts are put to the others."""
    shown: dict[str, Shown] = {}
    for number, key in enumerate(letter.card_pictures):
        if content := card_picture(outgoing.render_context, key, 2 * CARD_WIDTH):
            cid = f"card-{number}@{outgoing.ident}"
            inline.append(_inline(cid, content, media_type(content).removeprefix("image/")))
            shown[key] = Shown(f"cid:{cid}", CARD_WIDTH, CARD_HEIGHT)
    return shown


def shown_logo(brand: Brand, src: str) -> Shown | None:
    """The workspace's logo as a letter has it; none where mailboxes could not show it."""
    if not brand.logo or brand.logo_type not in ("image/png", "image/jpeg"):
        return None
    return Shown(src, _logo_width(brand.logo), LOGO_HEIGHT)


def _size(png: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def _logo_width(logo: bytes) -> int:
    with Image.open(BytesIO(logo)) as picture:
        width, height = picture.size
    return min(round(LOGO_HEIGHT * width / max(height, 1)), CHART_WIDTH)
