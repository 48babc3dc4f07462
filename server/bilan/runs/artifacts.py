"""Artifacts: files rendered from a run's stored document. The warehouse is never asked for them."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import anyio.to_thread
import msgspec
from babel import Locale, UnknownLocaleError
from tortoise.exceptions import IntegrityError

from bilan.branding import Branding
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.files import Files, Stored
from bilan.files.names import safe_name
from bilan.files.references import FileReferences, Owner, confirm_references
from bilan.i18n import USUAL_FORMATS, Translator, formatter_for
from bilan.parameters.times import parse_zone
from bilan.parameters.validation import plain, validate
from bilan.pictures import picture_files_of
from bilan.registry.declared import Registry
from bilan.rendering.context import NO_BRAND, render_context
from bilan.rendering.selection import SELECTING, selected
from bilan.rendering.typesetting import LIMITS, Limits
from bilan.rendering.typesetting.limits import MEMORY
from bilan.reports.parts import rows_of
from bilan.runs.models import ArtifactRow, DocumentRow, ReportRunRow
from bilan.runs.reading import artifact_of
from bilan.runs.secrets import Secrets
from bilan.runs.values import Artifact, ArtifactPreview, RenderSpec, Run, erasure
from bilan.sdk.document import Document, decode
from bilan.sdk.errors import Conflict, Invalid, NotFound
from bilan.sdk.rendering import Brand, Pictures, RenderContext, Renderer, no_pictures
from bilan.sdk.textdomain import _
from bilan.work.jobs import lock_job
from bilan.work.models import JobRow

LONGEST_LANGUAGE = 16


class ArtifactRenderer:
    """Renders documents into files, and caches them: the same spec of a run is rendered once."""

    def __init__(
        self,
        catalog: Catalog,
        registry: Registry,
        files: Files,
        branding: Branding,
        translator: Translator,
        clock: Clock,
        *,
        key: bytes,
        previous: Iterable[bytes] = (),
        memory: int = MEMORY,
    ) -> None:
        self._catalog, self._registry, self._files, self._branding = catalog, registry, files, branding
        self._translator, self._clock = translator, clock
        self._references = FileReferences(catalog, files, clock)
        self._secrets, self._memory = Secrets(key, previous), memory

    def checked(self, spec: RenderSpec, kind: str = "") -> RenderSpec:
        """The spec with its secrets sealed, for a kind of report where one is named.

        Raises ``Invalid`` or ``NotFound`` where it cannot be rendered.
        """
        renderer = self._renderer(spec.format, kind)
        given = {key: value for key, value in spec.options.items() if value is not None}
        given = self._secrets.open(renderer, given)
        # Only what is given is checked: the rest comes from the document when it is rendered.
        known = (*renderer.options, *SELECTING)
        unknown = {key: None for key in given if key not in {one.key for one in known}}
        asked = known if unknown else [one for one in known if one.key in given]
        read = validate(asked, given, client=None)
        _speakable(spec.language)
        zone = None if spec.zone is None else parse_zone(spec.zone)
        return replace(spec, zone=zone, options=self._secrets.close(renderer, plain(read)))

    async def cached(self, run: Run, spec: RenderSpec) -> Artifact | None:
        """The file, where it was rendered with the brand of this moment."""
        brand = await self._branding.info(run.workspace)
        row = await ArtifactRow.get_or_none(run_id=run.id, key=key_of(spec, brand.stamp))
        return artifact_of(row, run.id) if row else None

    async def document(self, run: UUID) -> Document:
        """What the run built. Raises ``Conflict`` where there is nothing (yet)."""
        row = await DocumentRow.get_or_none(run_id=run)
        if row is None:
            raise await self._missing(run)
        return decode(row.json)

    async def _missing(self, run: UUID) -> Conflict:
        row = await ReportRunRow.get_or_none(job_id=run)
        because = row.erased_because if row else None
        if row is None or row.erased_at is None or because is None:
            return no_document()
        return Conflict(erasure(row.erased_at, because), ("run",))

    async def predict_artifact(self, run: Run, spec: RenderSpec) -> ArtifactPreview:
        """How the file is called, and its size where it was rendered already. Renders nothing."""
        if cached := await self.cached(run, spec):
            return ArtifactPreview(cached.file_name, cached.media_type, cached.size)
        renderer, brand = self._renderer(spec.format), await self._branding.info(run.workspace)
        context = self._context(renderer, spec, run.zone, brand.name)
        document = selected(await self.document(run.id), context, renderer)
        name = _file_name(document, context, renderer.extension(document, context))
        return ArtifactPreview(name, renderer.media_type(document, context), None)

    async def render(
        self, run: UUID, spec: RenderSpec, cancelled: Callable[[], bool] = lambda: False
    ) -> Artifact:
        """The file, rendered now unless it is there. Whoever calls has made sure that it may be seen."""
        row = await JobRow.get(id=run)
        brand = await self._branding.info(row.workspace)
        key = key_of(spec, brand.stamp)
        if found := await ArtifactRow.get_or_none(run_id=run, key=key):
            return artifact_of(found, run)
        renderer = self._renderer(spec.format)
        context = self._context(
            renderer,
            spec,
            row.zone,
            brand.name,
            await self._branding.brand(brand),
            await picture_files_of(run, self._files),
        )
        document = selected(await self.document(run), context, renderer)
        stored = await anyio.to_thread.run_sync(self._write, run, renderer, document, context, cancelled)
        kept = Artifact(
            id=uuid4(),
            run=run,
            render_spec=spec,
            file_name=_file_name(document, context, renderer.extension(document, context)),
            media_type=renderer.media_type(document, context),
            sha256=stored.sha256,
            size=stored.size,
            created_at=self._clock.now(),
        )
        return await self._keep(kept, key)

    def _context(
        self,
        renderer: Renderer,
        spec: RenderSpec,
        zone: str,
        workspace: str,
        brand: Brand = NO_BRAND,
        pictures: Pictures = no_pictures,
    ) -> RenderContext:
        shown = spec.display
        formatter = formatter_for(self._translator, spec.language, spec.zone or zone, shown.date, shown.time)
        options = self._secrets.open(renderer, spec.options)
        return render_context(self._registry, spec.format, formatter, workspace, options, brand, pictures)

    def _write(
        self,
        run: UUID,
        renderer: Renderer,
        document: Document,
        context: RenderContext,
        cancelled: Callable[[], bool],
    ) -> Stored:
        # For this thread's work alone: it runs in a context of its own.
        LIMITS.set(Limits(self._memory, cancelled))
        with tempfile.NamedTemporaryFile(prefix="bilan-") as file:
            renderer.render(document, context, rows_of(self._files), cast("BinaryIO", file))
            file.flush()
            return self._references.put_blocking(Owner("run", run), Path(file.name))

    async def _keep(self, artifact: Artifact, key: str) -> Artifact:
        try:
            async with self._catalog.transaction():
                await lock_job(artifact.run)
                if not await DocumentRow.exists(run_id=artifact.run):
                    raise await self._missing(artifact.run)
                await ArtifactRow.create(
                    id=artifact.id,
                    run_id=artifact.run,
                    key=key,
                    render_spec=artifact.render_spec,
                    file_name=artifact.file_name,
                    media_type=artifact.media_type,
                    sha256=artifact.sha256,
                    size=artifact.size,
                    created_at=artifact.created_at,
                )
                await confirm_references(Owner("run", artifact.run), [artifact.sha256])
        except IntegrityError:
            # Somebody else rendered it meanwhile; theirs was first.
            return artifact_of(await ArtifactRow.get(run_id=artifact.run, key=key), artifact.run)
        return artifact

    def _renderer(self, file_format: str, kind: str = "") -> Renderer:
        known = self._registry.renderers_of(kind)
        if file_format not in known:
            raise NotFound(
                _("{format} is no format here; choose from {known}.",
                  format=file_format, known=", ".join(sorted(known))),
                ("format",),
            )  # fmt: skip
        return known[file_format]


def key_of(spec: RenderSpec, brand: str = "") -> str:
    """The same for specs that give the same file; ``brand`` is the stamp of the workspace's."""
    usual = _UsualSpec(spec.format, spec.language, spec.zone, spec.options)
    told = usual if spec.display == USUAL_FORMATS else spec
    return hashlib.sha256(
        msgspec.json.encode((told, brand) if brand else told, order="deterministic")
    ).hexdigest()


@dataclass(frozen=True, slots=True)
class _UsualSpec:
    """A spec as it was before days could be written otherwise: its files keep their keys."""

    format: str
    language: str
    zone: str | None
    options: Mapping[str, Any]


def no_document() -> Conflict:
    """What is said of a run that built nothing (yet)."""
    return Conflict(_("This run has no document to show."), ("run",))


def _speakable(language: str) -> None:
    try:
        Locale.parse(language, sep="-")
        # Babel passes over what follows a language and a country that it knows.
        known = len(language) <= LONGEST_LANGUAGE
    except (UnknownLocaleError, ValueError):
        known = False
    if not known:
        raise Invalid(_("{language} is no language that is known.", language=language), ("language",))


def _file_name(document: Document, context: RenderContext, extension: str) -> str:
    """The title and the day of the figures, as every system takes it."""
    title = safe_name(context.formatter.text(document.title)) or document.kind
    day = datetime.fromisoformat(document.as_of).astimezone(ZoneInfo(document.zone)).date()
    return f"{title} {day.isoformat()}.{extension}"
