"""Puts together what is sent in one language: the stored document, and its files."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from msgspec.structs import replace

from bilan.branding import Branding
from bilan.delivery.links import LinkSigner, LinkTarget
from bilan.delivery.values import FileContent, Mode
from bilan.files import Files
from bilan.i18n import USUAL_FORMATS, DisplayFormats, Translator, formatter_for
from bilan.pictures import picture_files_of
from bilan.registry.declared import Registry
from bilan.rendering.context import render_context
from bilan.reports.parts import rows_of
from bilan.runs.artifacts import ArtifactRenderer
from bilan.runs.reading import read_run
from bilan.runs.values import Artifact, RenderSpec
from bilan.sdk.channels import OutgoingReport, ReportFile
from bilan.sdk.errors import NoTable
from bilan.work.models import JobRow

FORMAT = "email"
"""The format whose blocks of plugins' own an e-mail renders."""
NOT_RENDERED = -1
"""Stands for the size of a file that is rendered once the report is sent."""


@dataclass(frozen=True, slots=True)
class DeliveryRequest:
    """What is asked to be delivered, in one language. Moments are in UTC."""

    ident: str
    run: UUID
    language: str
    formats: tuple[str, ...]
    mode: Mode
    sender: str
    sender_address: str
    message: str
    sent_at: datetime
    links_until: datetime | None
    """When links end; without it that is ``days`` after they are sent."""
    days: int
    zone: str | None = None
    """The one that instants are shown in; the run's own without."""
    display: DisplayFormats = USUAL_FORMATS
    """How days and times of day are written."""
    content: FileContent = FileContent.USUAL
    subscription: str = ""
    confirmation: str = ""
    """What stands in the message for the recipient's own links; see ``OutgoingReport``."""
    grant: str = ""
    password: str = ""
    """The same for what is sent by protected link."""
    external: bool = False
    """Whether it is for those who have no account."""
    scheduled: bool = False
    test: bool = False


class OutgoingReports:
    """Puts outgoing reports together from the run's document. The warehouse is never asked."""

    def __init__(
        self,
        registry: Registry,
        translator: Translator,
        files: Files,
        renderer: ArtifactRenderer,
        branding: Branding,
        links: LinkSigner,
        public_url: str,
    ) -> None:
        self._registry, self._translator, self._files = registry, translator, files
        self._renderer, self._branding = renderer, branding
        self._links, self._public_url = links, public_url

    async def render(
        self,
        run: UUID,
        language: str,
        formats: Sequence[str],
        cancelled: Callable[[], bool] = lambda: False,
        zone: str | None = None,
        display: DisplayFormats = USUAL_FORMATS,
        content: FileContent = FileContent.USUAL,
    ) -> tuple[Artifact, ...]:
        """The files, rendered now unless they are there, as long as ``cancelled`` does not say to stop.

        Of a format that holds tables alone there is none where the report has no table.
        """
        specs = [
            self._renderer.checked(RenderSpec(one, language, zone, content.options, display))
            for one in formats
        ]
        rendered = list[Artifact]()
        for one in specs:
            with suppress(NoTable):
                rendered.append(await self._renderer.render(run, one, cancelled))
        return tuple(rendered)

    async def make(self, request: DeliveryRequest, artifacts: Sequence[Artifact]) -> OutgoingReport:
        """The report, with its files. Raises ``Conflict`` where the run has no document (any more)."""
        files = [self._file(request, number, one) for number, one in enumerate(artifacts)]
        return await self._assemble(request, files, {one.render_spec.format for one in artifacts})

    def link(self, delivery: UUID, artifact: UUID, until: datetime) -> str:
        """The address of a file for one recipient."""
        return self._links.url(LinkTarget(delivery, artifact, until))

    async def preview(self, request: DeliveryRequest) -> OutgoingReport:
        """The report as it will be, without rendering: a file still to come has the size ``NOT_RENDERED``."""
        run = await read_run(request.run)
        files: list[ReportFile] = []
        there = set[str]()
        for one in request.formats:
            spec = self._renderer.checked(
                RenderSpec(one, request.language, request.zone, request.content.options, request.display)
            )
            try:
                found = await self._renderer.predict_artifact(run, spec)
            except NoTable:
                continue
            there.add(one)
            files.append(
                ReportFile(
                    name=found.file_name,
                    label=self._registry.renderers[one].label,
                    media_type=found.media_type,
                    size=NOT_RENDERED if found.size is None else found.size,
                    url=f"{self._public_url}/links/preview",
                    content=bytes,
                )
            )
        return await self._assemble(request, files, there)

    async def _assemble(
        self, request: DeliveryRequest, files: Sequence[ReportFile], there: Collection[str]
    ) -> OutgoingReport:
        """The report with these files, which are of the formats that are ``there``."""
        document, row = await self._renderer.document(request.run), await JobRow.get(id=request.run)
        # People know a report by the name they gave it, which is its run's title.
        document = replace(document, title=row.title or document.title)
        brand = await self._branding.info(row.workspace)
        zone, shown = request.zone or document.zone, request.display
        formatter = formatter_for(self._translator, request.language, zone, shown.date, shown.time)
        return OutgoingReport(
            ident=request.ident,
            sender=request.sender,
            sender_address=request.sender_address,
            document=document,
            render_context=render_context(
                self._registry,
                FORMAT,
                formatter,
                brand.name,
                brand=await self._branding.brand(brand),
                pictures=await picture_files_of(request.run, self._files),
            ),
            rows=rows_of(self._files),
            files=tuple(files),
            attach=request.mode is Mode.ATTACH,
            page="" if request.external else f"{self._public_url}/runs/{request.run}",
            sent_at=request.sent_at,
            links_until=request.links_until,
            links_days=request.days,
            message=request.message,
            subscription=request.subscription,
            confirmation=request.confirmation,
            grant=request.grant,
            password=request.password,
            scheduled=request.scheduled,
            test=request.test,
            without=tuple(self._registry.renderers[one].label for one in request.formats if one not in there),
        )

    def _file(self, request: DeliveryRequest, number: int, artifact: Artifact) -> ReportFile:
        return ReportFile(
            name=artifact.file_name,
            label=self._registry.renderers[artifact.render_spec.format].label,
            media_type=artifact.media_type,
            size=artifact.size,
            # No other address begins so: it ends behind the number, and no one can write it into the message.
            url=f"{self._public_url}/links/{request.ident}-{number}-",
            content=self._reading(artifact.sha256),
        )

    def _reading(self, sha256: str) -> Callable[[], bytes]:
        return partial(_read, self._files, sha256)


def _read(files: Files, sha256: str) -> bytes:
    return b"".join(files.open(sha256))
