"""A small Bilan in one object: facts in, answers, reports and files out. Nothing is served or queued."""

from __future__ import annotations

import io
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from bilan.files import Files
from bilan.i18n import Translator, formatter_for
from bilan.ingest.batch import Batch
from bilan.ingest.deriving import Deriver, changed_keys, derived_datasets, target_of
from bilan.ingest.normalise import Normalisers
from bilan.manifest import Snapshot
from bilan.query.session import QuerySession
from bilan.registry.declared import Registry
from bilan.rendering.context import render_context
from bilan.reports.build import BuildContext, build
from bilan.reports.common import Locality
from bilan.reports.parts import rows_of
from bilan.reports.request import request_for
from bilan.sdk.datasets import Fact, Reject, Retract, RowFacts
from bilan.sdk.document import Document
from bilan.sdk.errors import Invalid
from bilan.sdk.query import Question
from bilan.settings import Settings
from bilan.testing.derivation_rules import default_settings
from bilan.testing.samples import sample_inputs
from bilan.testing.source_rules import NOW
from bilan.warehouse import Warehouse

SOURCE = UUID(int=1)
BATCHES = 1_000
"""The most batches that a harness takes; each was written a second after the one before."""


@dataclass(frozen=True)
class PluginHarness:
    """One workspace with one source, over a warehouse that starts empty. ``now`` is the present moment."""

    registry: Registry
    warehouse: Warehouse
    files: Files
    folder: Path
    now: datetime = NOW
    source: UUID = SOURCE
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Settings of the source that derived rows follow from; the others are at their defaults."""
    kept: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]], compare=False, repr=False)
    """What rules have built of the facts that there are, by a name of theirs, so that it is built once."""

    @property
    def client(self) -> QuerySession:
        """Answers questions over all that was loaded."""
        return QuerySession(self.warehouse, self.registry, frozenset([self.source]), Snapshot(self.now))

    def load(self, items: Iterable[Fact | Retract | RowFacts | Reject], *, sequence: int = 1) -> list[Reject]:
        """Take facts in, with what follows from them: rows of ``contact.activity`` and of derived datasets.

        Raises ``Invalid`` where rows cannot be derived. What cannot be used is
        handed back. ``sequence`` numbers the batches, up to the present one: a
        later batch has a higher number.
        """
        self.kept.clear()
        batch = Batch(Normalisers(self.registry.datasets), self.now)
        for number, item in enumerate(items, 1):
            batch.add(self.source, number, item)
        moment = self.now - timedelta(seconds=BATCHES - sequence)
        batch.append(self.warehouse, moment)
        self._derive(batch, moment)
        return [reject for _source, reject in batch.rejects]

    def _derive(self, batch: Batch, moment: datetime) -> None:
        """Derive what follows from a batch, under its moment."""
        deriver = Deriver(self.warehouse, self.registry.datasets)
        for declared in derived_datasets(self.registry.datasets.values()):
            settings = {**default_settings(self.registry, declared), **self.settings}
            target = target_of(declared, self.source, settings)
            keys = changed_keys(declared, batch, self.source)
            found = deriver.derive_keys(target, keys, moment, self.now, lambda: None)
            if found.failure is not None:
                raise Invalid(found.failure)

    def load_samples(self, plugin: str, *, limit: int | None = None, sequence: int = 1) -> list[Reject]:
        """Take in the sample data of a plugin, by its name; of each post and file up to ``limit`` rows."""
        wanted = self.registry.plugin_called(plugin)
        declared = [one for one in self.registry.declared if one.plugin is wanted]
        pieces = (piece for one in declared for piece in sample_inputs(one, self.folder, self.now, limit))
        return self.load((item for piece in pieces for item in piece.read(self.now)), sequence=sequence)

    def totals(self, *metrics: str) -> Mapping[str, Any]:
        """Metrics of one dataset over all that was loaded."""
        return self.client(Question(self.registry.metrics[metrics[0]].dataset, metrics)).totals

    def build(self, kind: str, values: Mapping[str, Any] | None = None) -> Document:
        """Build a report as a run would, from parameters as people fill them in.

        Raises ``Invalid`` for parameters that cannot be used.
        """
        declared = self.registry.reports[kind]
        locality = Locality(zone="UTC", first_weekday=0)
        request = request_for(declared, values or {}, as_of=self.now, locality=locality, client=self.client)
        context = BuildContext(
            client=self.client,
            metrics=self.registry.metrics,
            sources={str(self.source): "Test"},
            provenance=lambda _dataset: (),
            put=self.files.put_blocking,
        )
        return build(declared, request, context)

    def render(self, document: Document, file_format: str, language: str = "en", **options: Any) -> bytes:
        """The document as a file."""
        formatter = formatter_for(Translator.of(self.registry.plugins.values()), language, document.zone)
        context = render_context(self.registry, file_format, formatter, "Test", options)
        out = io.BytesIO()
        self.registry.renderers[file_format].render(document, context, rows_of(self.files), out)
        return out.getvalue()


@contextmanager
def open_harness(registry: Registry, warehouse_folder: Path, folder: Path) -> Generator[PluginHarness]:
    """A harness on an empty database of its own, with its files below ``folder``.

    A process can open the embedded warehouse in one folder only, so every
    harness of a test run names the same one.
    """
    url = f"chdb://{warehouse_folder}?database=harness_{uuid4().hex}"
    warehouse = Warehouse.open(Settings(data_dir=folder, warehouse_url=url))
    try:
        warehouse.ensure(registry.datasets.values())
        yield PluginHarness(registry, warehouse, Files(f"file://{folder / 'files'}"), folder)
    finally:
        warehouse.close()
