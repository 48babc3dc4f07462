"""Crashes in machine code, such as the embedded engine's: they end the process and say where they were."""

from __future__ import annotations

import faulthandler
import signal
import sys
import threading

CRASHES = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL)


def end_at_crashes() -> None:
    """Have a crash end this process, so that whatever supervises it starts it anew.

    Importing chDB puts handlers in place that wait for a listener which only a ClickHouse server starts:
    the process would stay for ever and answer nobody. Does nothing outside the main thread, which alone
    may set handlers, nor where there is no error stream.
    """
    if threading.current_thread() is not threading.main_thread() or sys.__stderr__ is None:
        return
    for crash in CRASHES:
        signal.signal(crash, signal.SIG_DFL)
    faulthandler.enable(sys.__stderr__)
