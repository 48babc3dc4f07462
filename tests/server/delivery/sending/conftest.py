"""Reports are sent through a mail server that takes what it is given."""

from __future__ import annotations

import pytest

from bilan.settings import Settings
from fixtures.smtp import Sink


@pytest.fixture
def warehouse_settings(warehouse_settings: Settings, sink: Sink) -> Settings:
    """A server that mails through the sink."""
    return warehouse_settings.model_copy(
        update={"mail_url": sink.url, "base_url": "https://bilan.example.org"}
    )
