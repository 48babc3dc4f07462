"""ClickHouse's errors as sentences."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError, OperationalError

from bilan.disk import NoSpace
from bilan.sdk.errors import BilanError, TooLarge, Unavailable
from bilan.sdk.textdomain import _

# Codes from ClickHouse's src/Common/ErrorCodes.cpp.
# What is cancelled took too long, or nobody waits for it any more.
TIMEOUT = frozenset({159, 160, 394})
MEMORY = frozenset({241, 307})
CREDENTIALS = frozenset({192, 193, 194, 497, 516})
FULL = frozenset({243})
NOT_NOW = frozenset({209, 210, 242, 252, 279, 425, 999})


@contextmanager
def in_sentences(place: str) -> Generator[None]:
    """Turn what ClickHouse raises into ``Unavailable`` or ``TooLarge``; a mistake in a statement stays."""
    try:
        yield
    except ClickHouseError as error:
        translated = _translated(error, place)
        if translated is None:
            raise
        raise translated from error


def _translated(error: ClickHouseError, place: str) -> BilanError | None:
    code = getattr(error, "code", None)
    if code in TIMEOUT:
        return TooLarge(
            _("The question took too long and was stopped. Ask about a shorter period or fewer sources.")
        )
    if code in MEMORY:
        return TooLarge(
            _("The question needed more memory than it may use. Ask about a shorter period or fewer values.")
        )
    if code in CREDENTIALS:
        return Unavailable(
            _(
                "The warehouse at {place} refuses the user or the password of BILAN_WAREHOUSE_URL.",
                place=place,
            )
        )
    if code in FULL or "No space left" in str(error):
        return NoSpace(_("No space left on the disk of the warehouse; try again once there is room."))
    if code in NOT_NOW or (isinstance(error, OperationalError) and code is None) or _is_proxy(error):
        return Unavailable(_("The warehouse at {place} does not answer; try again later.", place=place))
    return None


def _is_proxy(error: ClickHouseError) -> bool:
    """An HTTP error without ClickHouse's code comes from what is in between, or from a server that stops."""
    return isinstance(error, DatabaseError) and error.code is None and "HTTP" in str(error)
