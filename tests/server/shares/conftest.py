"""A server that mails through the sink and makes nobody wait for a refusal; a run of March is shared."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from bilan.runs.values import Run
from bilan.settings import Settings
from fixtures.mailing import Mailing
from fixtures.smtp import Sink
from support.posting import built


@pytest.fixture
def warehouse_settings(warehouse_settings: Settings, sink: Sink) -> Settings:
    return warehouse_settings.model_copy(update={"mail_url": sink.url, "base_url": "http://bilan.test"})


@pytest.fixture
async def run(mailing: Mailing) -> Run:
    shared = mailing.bilan.services.shared_reports
    shared._late = 0
    # Real hashes, made with little work: these tests count them, and time is not their subject.
    shared._passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return await built(mailing)
