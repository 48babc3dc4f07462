"""Both reports over the sample data: events of several senders, and files that hold nothing but totals."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from bilan.registry.declared import Registry
from bilan.reports.blocks import every
from bilan.sdk.document import Document, Notice
from bilan.testing.harness import PluginHarness, open_harness
from bilan_email_campaigns.sample import SAMPLES
from fixtures.email_reports import table, tables, tile

ALL = {"include_archived": True, "include_tests": True}
ASKED: tuple[tuple[str, dict[str, object]], ...] = (
    ("email.engagement", {}),
    ("email.engagement", {"interval": "none", "rates": True, "level": "variant"}),
    ("email.engagement", {"interval": "month", "period": "last_90_days", "compare": "previous_period"}),
    ("email.campaign", {}),
    (
        "email.campaign",
        {"show": "rates", "sort": "open_rate", "include_archived": True, "include_tests": True},
    ),
)


@pytest.fixture(scope="module")
def samples(
    email_registry: Registry, warehouse_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Generator[PluginHarness]:
    """A warehouse with all that the plugin has to try things out."""
    with open_harness(email_registry, warehouse_folder, tmp_path_factory.mktemp("samples")) as opened:
        opened.load_samples("email_campaigns")
        yield opened


def failures(document: Document) -> Iterator[str]:
    """The notices of parts that could not be made."""
    for block in every(document.blocks):
        if isinstance(block, Notice) and block.level == "error":
            yield str(block.text)


@pytest.mark.slow
@pytest.mark.requirement("AD-03", "AD-04", "BZ-01")
def test_every_report_of_the_samples_is_complete(samples: PluginHarness) -> None:
    for kind, raw in ASKED:
        assert list(failures(samples.build(kind, raw))) == []

    everything = samples.build("email.campaign", {**ALL, "channels": ["email"]})
    listed = table(everything, "campaigns")
    keys = [row[0] for row in listed.rows]
    assert keys
    for key in (keys[0], keys[-1]):
        one = samples.build("email.campaign", {"campaign": key})
        assert list(failures(one)) == []
        assert tile(one, "email.delivered").value is not None


@pytest.mark.slow
def test_every_example_has_something_to_show_of_the_samples(samples: PluginHarness) -> None:
    for kind in (one for one in samples.registry.reports.values() if one.key.startswith("email.")):
        assert 2 <= len(kind.examples) <= 4
        for example in kind.examples:
            made = samples.build(kind.key, example.values)
            assert list(failures(made)) == []
            assert tile(made, "email.delivered").value
    (shown,) = [sample.reports(samples.now) for sample in SAMPLES if sample.reports is not None]
    newest = samples.build("email.campaign", shown["email.campaign"].values)
    assert newest.title == shown["email.campaign"].values["campaign"]
    assert tile(newest, "email.sends").value == 600


@pytest.mark.slow
@pytest.mark.requirement("BZ-03")
def test_the_samples_never_make_more_than_two_files(samples: PluginHarness) -> None:
    made = samples.build("email.engagement", {"rates": True})

    assert set(tables(made)) <= {"campaigns", "canvases"}
