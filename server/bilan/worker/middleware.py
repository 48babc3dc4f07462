"""What happens around every wake-up, one concern a class."""

from __future__ import annotations

from typing import Any

import structlog
from dramatiq import Broker, MessageProxy
from dramatiq.middleware import Middleware


class LogContext(Middleware):
    """Puts the step's id on every line that is logged while it is worked on."""

    def before_process_message(self, broker: Broker, message: MessageProxy) -> None:  # noqa: ARG002 - dramatiq's
        structlog.contextvars.bind_contextvars(wakeup=message.args[0])

    def after_process_message(self, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002 - dramatiq's
        structlog.contextvars.unbind_contextvars("wakeup")
