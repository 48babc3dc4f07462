"""Typst in a process of its own, for what is big: its memory ends with it, and it can be ended.

Started anew, never forked: a fork after the warehouse was opened hangs. See docs/decisions/029.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from typing import IO

import msgspec

from bilan.rendering.typesetting.engine import TypesetSource, Undrawable
from bilan.rendering.typesetting.limits import LIMITS, Limits
from bilan.sdk.errors import Cancelled, Invalid
from bilan.sdk.textdomain import _

UNDRAWABLE, BROKEN = 3, 4
BEAT = 0.2
"""How often is asked whether the file is still wanted, in seconds."""


def typeset_apart(setting: TypesetSource) -> bytes:
    """As ``typeset``, in a process with a memory ceiling.

    Raises ``Invalid`` where the ceiling was too low, ``Cancelled`` where the
    file was no longer wanted.
    """
    limits = LIMITS.get()
    with (
        tempfile.TemporaryFile() as asked,
        tempfile.TemporaryFile() as made,
        tempfile.TemporaryFile() as said,
    ):
        asked.write(msgspec.json.encode(setting))
        asked.seek(0)
        command = [sys.executable, "-m", "bilan.rendering.typesetting", str(limits.memory)]
        with subprocess.Popen(command, stdin=asked, stdout=made, stderr=said) as child:  # noqa: S603 - ours
            code = _waited(child, limits)
        made.seek(0)
        if code == 0:
            return made.read()
        raise _failure(code, _read(said), limits)


def _waited(child: subprocess.Popen[bytes], limits: Limits) -> int:
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.wait(BEAT)
        if limits.cancelled():
            child.kill()
            child.wait()
            raise Cancelled(_("The run was cancelled."))


def _failure(code: int, said: str, limits: Limits) -> Exception:
    if code == UNDRAWABLE:
        return Undrawable(said)
    if code == BROKEN:
        return RuntimeError(said)
    # Whatever ended it in mid-work - an abort, a signal of the system - wanted memory.
    return Invalid(
        _(
            "Rendering this file takes more than the {megabytes} MB of memory that are allowed."
            " Fewer rows shown of each table, or fewer parts, take less; the CSV has everything.",
            megabytes=limits.memory // 1024**2,
        ),
        ("table_rows",),
    )


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")
