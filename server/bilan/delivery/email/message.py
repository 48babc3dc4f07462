"""An outgoing report as an e-mail: text, HTML with its pictures inside, and files where they fit.

The same report gives the same bytes: dates, names of parts and the message's
id come from the delivery, never from the clock or the machine.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from io import BytesIO

from email_validator import EmailNotValidError, validate_email
from PIL import Image

from bilan.delivery.email.html import Shown, draw_html
from bilan.delivery.email.letter import Letter, write_letter
from bilan.delivery.email.parts import Picture
from bilan.delivery.email.text import draw_text
from bilan.rendering.pictures import chart_png
from bilan.sdk.channels import OutgoingReport, ReportFile
from bilan.sdk.rendering import Brand

POLICY = SMTP.clone(cte_type="7bit")
"""Lines of ASCII, whatever servers on the way can do."""
CHART_WIDTH = 576
"""Pixels that a chart has in the letter; its picture holds more of them."""
LOGO_HEIGHT = 40
BASE64 = 78 / 57
"""What 57 bytes become in a message: a line of 76 characters and its end."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who the server is as a sender: the address, and the domain that names its messages."""

    address: str
    domain: str


@dataclass(frozen=True, slots=True)
class _Inline:
    cid: str
    content: bytes
    subtype: str


def compose(outgoing: OutgoingReport, sender: Sender, budget: int) -> tuple[bytes, bool]:
    """The message, and whether the files are inside. Those that would make it too large are linked to."""
    if outgoing.attach and outgoing.files:
        estimated = sum(one.size for one in outgoing.files) * BASE64
        if estimated < budget:
            message = _message(outgoing, sender, write_letter(outgoing, attached=True), outgoing.files)
            if len(message) <= budget:
                return message, True
        return _message(outgoing, sender, write_letter(outgoing, attached=False, too_large=True)), False
    return _message(outgoing, sender, write_letter(outgoing, attached=False)), False


def _message(
    outgoing: OutgoingReport, sender: Sender, letter: Letter, files: Sequence[ReportFile] = ()
) -> bytes:
    pictures, logo, inline = _pictures(outgoing, sender, letter)
    message = EmailMessage(policy=POLICY if _in_ascii(outgoing.address) else POLICY.clone(utf8=True))
    for name, value in _headers(outgoing, sender, letter):
        message[name] = value
    message.set_content(draw_text(letter))
    message.add_alternative(draw_html(letter, outgoing.render_context, pictures, logo), subtype="html")
    html = next(part for part in message.iter_parts() if part.get_content_type() == "text/html")
    assert isinstance(html, EmailMessage)  # noqa: S101 - made so above
    for one in inline:
        html.add_related(
            one.content, "image", one.subtype, cid=f"<{one.cid}>", disposition="inline",
            filename=f"{one.cid.partition('.')[0]}.{one.subtype}",
        )  # fmt: skip
    for one in files:
        main, _slash, sub = one.media_type.partition(";")[0].partition("/")
        message.add_attachment(one.content(), main, sub, filename=_plain(one.name))
    message["Content-Language"] = letter.language
    _name_boundaries(message, outgoing.ident)
    return message.as_bytes()


def _headers(outgoing: OutgoingReport, sender: Sender, letter: Letter) -> Iterator[tuple[str, str | Address]]:
    name = _plain(letter.workspace)
    own = _in_ascii(sender.address) or sender.address
    yield "From", Address(f"{name} (Bilan)" if name else "Bilan", addr_spec=own)
    plain = _in_ascii(outgoing.address)
    local, _at, domain = outgoing.address.rpartition("@")
    to = {"addr_spec": plain} if plain else {"username": local, "domain": domain}
    yield "To", Address(_plain(outgoing.name), **to)
    # An answer goes to whom every server can reach; to nobody rather than to a header that none can read.
    if reply := _in_ascii(outgoing.sender_address):
        yield "Reply-To", Address(_plain(outgoing.sender), addr_spec=reply)
    yield "Subject", letter.subject
    yield "Date", format_datetime(outgoing.sent_at)
    yield "Message-ID", f"<{outgoing.ident}@{sender.domain}>"
    # Away notices are not answered to a program, and no list is kept that one could leave.
    yield "Auto-Submitted", "auto-generated"
    yield "X-Auto-Response-Suppress", "All"


def _in_ascii(address: str) -> str | None:
    """The address as every server takes it: a domain of any letters has a form in ASCII, a name has not."""
    try:
        found = validate_email(address, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return address if address.isascii() and address else None
    return found.ascii_email


def _plain(name: str) -> str:
    """A name without line breaks and other controls, which would begin headers of their own."""
    return " ".join("".join(one if one.isprintable() else " " for one in name).split())


def _pictures(
    outgoing: OutgoingReport, sender: Sender, letter: Letter
) -> tuple[Mapping[int, Shown], Shown | None, Sequence[_Inline]]:
    inline: list[_Inline] = []
    shown: dict[int, Shown] = {}
    for place, part in enumerate(letter.parts):
        if isinstance(part, Picture):
            png = chart_png(part.chart, outgoing.render_context, scale=2.0)
            cid = f"chart-{place}.{outgoing.ident}@{sender.domain}"
            inline.append(_Inline(cid, png, "png"))
            width, height = _size(png)
            shown[place] = Shown(f"cid:{cid}", CHART_WIDTH, round(CHART_WIDTH * height / width))
    brand, cid = outgoing.render_context.brand, f"logo.{outgoing.ident}@{sender.domain}"
    logo = shown_logo(brand, f"cid:{cid}")
    if logo and brand.logo and brand.logo_type:
        inline.append(_Inline(cid, brand.logo, brand.logo_type.removeprefix("image/")))
    return shown, logo, inline


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


def _name_boundaries(message: EmailMessage, ident: str) -> None:
    """Boundaries from the delivery: the library would draw them at random."""
    for place, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_bilan_{ident.replace('-', '')}_{place}")
