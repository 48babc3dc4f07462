"""What happens around every job, one concern a class."""

from __future__ import annotations

from typing import Any

import structlog
from dramatiq import Broker, MessageProxy
from dramatiq.middleware import Middleware


class LogContext(Middleware):
    """Puts the job's name and id on every line that is logged while it is done."""

    def before_process_message(self, broker: Broker, message: MessageProxy) -> None:  # noqa: ARG002 - dramatiq's
        structlog.contextvars.bind_contextvars(job=message.args[0], ident=message.args[1])

    def after_process_message(self, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002 - dramatiq's
        structlog.contextvars.unbind_contextvars("job", "ident")
