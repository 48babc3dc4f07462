"""What happens to shares."""

from __future__ import annotations

from enum import StrEnum


class ShareEventKind(StrEnum):
    """What happens to a share."""

    SHARED = "shared"
    ADDED = "added"
    REVOKED = "revoked"
    NEW_PASSWORD = "new_password"  # noqa: S105 - no password
    CHANGED = "changed"
    STOPPED = "stopped"
    OPENED = "opened"
    DOWNLOADED = "downloaded"
