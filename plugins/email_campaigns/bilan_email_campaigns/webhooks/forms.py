"""Form posts as lists of values by field, in the order in which they came."""

from __future__ import annotations

from collections.abc import Mapping
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

from bilan.sdk import Invalid, WebhookRequest
from bilan_email_campaigns.textdomain import _

Form = Mapping[str, list[str]]


def is_form(request: WebhookRequest) -> bool:
    """Whether the post says that it is a form."""
    return request.content_type.lower().startswith(
        ("multipart/form-data", "application/x-www-form-urlencoded")
    )


def form_body(request: WebhookRequest) -> Form:
    """The fields of the form; attached files are left out. Raises ``Invalid`` where it has none."""
    if request.content_type.lower().startswith("multipart/"):
        pairs = _multipart(request)
    else:
        written = request.body.decode("utf-8", "replace")
        pairs = parse_qsl(written, keep_blank_values=True)
    form: dict[str, list[str]] = {}
    for name, value in pairs:
        form.setdefault(name, []).append(value)
    if not form:
        raise Invalid(_("The body is a form without a field."))
    return form


def _multipart(request: WebhookRequest) -> list[tuple[str, str]]:
    head = f"Content-Type: {request.content_type}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(policy=HTTP).parsebytes(head + request.body)
    found: list[tuple[str, str]] = []
    for part in message.iter_parts() if message.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        if isinstance(name, str) and part.get_filename() is None and isinstance(payload, bytes):
            found.append((name, payload.decode("utf-8", "replace")))
    return found
