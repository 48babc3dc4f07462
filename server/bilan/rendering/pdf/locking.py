"""A PDF with a password, by pypdf: AES-256, and whoever reads aloud may still read."""

from __future__ import annotations

import secrets
from io import BytesIO


def locked(pdf: bytes, password: str) -> bytes:
    """The file, opened by this password alone. Its tags stay; its bytes are never the same twice."""
    from pypdf import PdfReader, PdfWriter  # noqa: PLC0415 - loaded by what locks alone
    from pypdf.constants import UserAccessPermissions as Permit  # noqa: PLC0415

    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf)))
    allowed = (
        Permit.PRINT | Permit.PRINT_TO_REPRESENTATION | Permit.EXTRACT | Permit.EXTRACT_TEXT_AND_GRAPHICS
    )
    # The owner's password could lift the restrictions; nobody needs it, so nobody has it.
    writer.encrypt(
        user_password=password,
        owner_password=secrets.token_urlsafe(32),
        algorithm="AES-256",
        permissions_flag=allowed,
    )
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
