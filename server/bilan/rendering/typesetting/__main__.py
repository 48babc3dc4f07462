"""``python -m bilan.rendering.typesetting BYTES``: set one file, taking at most so much memory."""

from __future__ import annotations

import logging
import sys

import msgspec
import structlog

from bilan.rendering.typesetting.child import BROKEN, UNDRAWABLE
from bilan.rendering.typesetting.engine import TypesetSource, Undrawable, typeset


def _limit(memory: int) -> None:
    try:
        import resource  # noqa: PLC0415 - not everywhere
    except ImportError:
        return
    # Data, not address space: threads and allocators reserve addresses that they never fill.
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> int:
    """Read a setting from standard input, write its PDF to standard output."""
    # The parent has logged what there is to say of fonts; here standard output is the file.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    _limit(int(sys.argv[1]))
    setting = msgspec.json.decode(sys.stdin.buffer.read(), type=TypesetSource)
    try:
        made = typeset(setting)
    except Undrawable as error:
        sys.stderr.write(error.text)
        return UNDRAWABLE
    except MemoryError:
        return 1
    except Exception as error:
        sys.stderr.write(str(error))
        return BROKEN
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
