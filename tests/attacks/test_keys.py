"""The secret key is changed: all opens with the new one, nothing with the old; no crash loses a secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from bilan.app import Bilan
from bilan.app.rotation import rotate
from bilan.catalog import Catalog
from bilan.runs.secrets import Secrets
from bilan.sdk.errors import Invalid
from bilan.seal import Seal, Sealed
from bilan.settings import Settings
from bilan.sources.models import SourceRow
from bilan.work import Jobs, NewJob, NewStep
from bilan.work.models import StepRow

SECRET = "the signing key of a service"
OLD, NEW = "o" * 32, "n" * 32


async def secrets_of(settings: Settings, source: UUID) -> Any:
    async with Bilan.open(settings, local=True) as bilan:
        return (await bilan.services.sources.open_settings(source))["signing_key"]


async def add(settings: Settings) -> UUID:
    async with Bilan.open(settings, local=True) as bilan:
        services = bilan.services
        await services.accounts.bootstrap_workspace("Acme")
        operator = await services.accounts.operator()
        gun = {"signing_key": SECRET}
        return (
            await services.sources.add(operator, plugin="email", kind="mailgun", name="Gun", settings=gun)
        ).id


async def test_what_is_sealed_opens_with_the_new_key_alone(
    warehouse_settings: Settings, thrifty: None
) -> None:
    source, old = await add(warehouse_settings), warehouse_settings.key()
    assert await rotate(warehouse_settings) == (1, 0)
    new = warehouse_settings.key()
    assert new != old
    assert len(new) == 64
    assert not warehouse_settings.previous_key_path.exists()
    assert (warehouse_settings.data_dir / "secret.key").stat().st_mode & 0o777 == 0o600
    assert await secrets_of(warehouse_settings, source) == SECRET
    catalog = Catalog(warehouse_settings.catalog_url)
    await catalog.open()
    with catalog.activate():
        sealed = (await SourceRow.get(id=source)).sealed["signing_key"]
    await catalog.close()
    assert Seal(new).open(sealed) == SECRET
    with pytest.raises(Sealed):
        Seal(old).open(sealed)


async def test_broken_off_after_the_new_key_was_made_it_goes_on_and_a_server_opens_both(
    warehouse_settings: Settings, thrifty: None
) -> None:
    source = await add(warehouse_settings)
    warehouse_settings.replace_key()
    made = warehouse_settings.key()
    assert await secrets_of(warehouse_settings, source) == SECRET
    assert await rotate(warehouse_settings) == (1, 0)
    assert warehouse_settings.key() == made
    assert await secrets_of(warehouse_settings, source) == SECRET


async def test_broken_off_before_the_new_key_was_made_nothing_is_lost(
    warehouse_settings: Settings, thrifty: None
) -> None:
    source, old = await add(warehouse_settings), warehouse_settings.key()
    warehouse_settings.previous_key_path.hardlink_to(warehouse_settings.data_dir / "secret.key")
    assert await rotate(warehouse_settings) == (1, 0)
    assert warehouse_settings.key() != old
    assert await secrets_of(warehouse_settings, source) == SECRET


async def test_keys_that_are_set_are_both_set_while_they_change(
    warehouse_settings: Settings, thrifty: None, tmp_path: Path
) -> None:
    given = warehouse_settings.model_dump()
    before = Settings.model_validate(given | {"secret_key": OLD})
    source = await add(before)
    with pytest.raises(Invalid):
        await rotate(Settings.model_validate(given | {"secret_key": NEW}))
    both = Settings.model_validate(given | {"secret_key": NEW, "previous_secret_key": OLD})
    assert await secrets_of(both, source) == SECRET
    assert await rotate(both) == (1, 0)
    assert await secrets_of(Settings.model_validate(given | {"secret_key": NEW}), source) == SECRET


async def test_what_no_key_opens_is_counted_and_left(warehouse_settings: Settings, thrifty: None) -> None:
    await add(warehouse_settings)
    (warehouse_settings.data_dir / "secret.key").unlink()
    assert await rotate(warehouse_settings) == (0, 1)


async def test_passwords_of_files_that_are_still_to_be_rendered_are_sealed_anew(
    warehouse_settings: Settings, thrifty: None
) -> None:
    key = warehouse_settings.key()
    sealed = Secrets(key)._closed("open sesame")
    async with Bilan.open(warehouse_settings, local=True) as bilan:
        services = bilan.services
        await services.accounts.bootstrap_workspace("Acme")
        operator = await services.accounts.operator()
        arguments = {"format": "pdf", "options": {"password": {"sealed": sealed}, "paper": "a4"}}
        new = NewJob(
            workspace=operator.workspace, kind="report", subject="email.campaign", zone="UTC",
            actor=None, actor_name="Olga",
        )  # fmt: skip
        jobs = Jobs(services.catalog, services.clock)
        job = await jobs.create(new, [NewStep("render:pdf", arguments)])
    await rotate(warehouse_settings)
    async with Bilan.open(warehouse_settings, local=True):
        options = (await StepRow.get(job_id=job)).arguments["options"]
    assert options["paper"] == "a4"
    assert options["password"]["sealed"] != sealed
    assert Secrets(warehouse_settings.key())._opened(options["password"]["sealed"]) == "open sesame"
