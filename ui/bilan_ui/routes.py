"""Which address shows which view."""

from __future__ import annotations

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from bilan.http.problems import answer_unexpected, problem
from bilan.http.problems import failure as refuse
from bilan.sdk.errors import BilanError, NotFound
from bilan.sdk.routes import Interface, RoutePage
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import failure
from bilan_ui.static_files import static_files
from bilan_ui.textdomain import _
from bilan_ui.views import (
    account,
    approvals,
    builder,
    calendar,
    check,
    confirming,
    contacts,
    erasures,
    files,
    first_owner,
    forgotten,
    history,
    home,
    imports,
    kind_pages,
    links,
    login,
    merges,
    occurrences,
    outbox,
    people,
    pulls,
    recipients,
    rejects,
    reports,
    review,
    rows,
    runs,
    schedule_forms,
    schedules,
    sending,
    shared,
    sharing,
    source_forms,
    sources,
    subscriptions,
    tokens,
    webhooks,
    welcome,
    workspace,
)

GET, POST = ["GET"], ["POST"]


class Misdirected(BilanError):
    """An address that is there for something else, or a request that cannot be read."""

    code = "bad_request"
    status = 400


async def refused(request: Request, error: Exception) -> Response:
    """What never got to a view: a page for people, JSON for programs."""
    status = error.status_code if isinstance(error, HTTPException) else 404
    refusal = _refusal(status)
    if _by_a_person(request):
        answer = failure(PageRequest(request), refusal)
        answer.status_code = status
    else:
        answer = refuse(str(refusal), refusal.code, status)
    answer.headers.update(getattr(error, "headers", None) or {})
    return answer


class ServerError(BilanError):
    """What nobody expected."""


async def failed(request: Request, error: Exception) -> Response:
    """What was refused outside of a page: by the server's own addresses, or before any was reached."""
    assert isinstance(error, BilanError)  # noqa: S101 - registered for nothing else
    return failure(PageRequest(request), error, named=True) if _by_a_person(request) else problem(error)


async def broken(request: Request, error: Exception) -> Response:
    """A mistake of the server, without a word about its cause."""
    if not _by_a_person(request):
        return await answer_unexpected(request, error)
    return failure(
        PageRequest(request), ServerError(_("The server made a mistake. Please try again.")), named=True
    )


async def plugin_page(http: Request, page: RoutePage) -> Response:
    """A page of a plugin, in the frame of all pages."""
    request = PageRequest(http)
    if request.someone is not None:
        request.brand = await request.services.branding.info(request.someone.workspace)
    return request.page("plugin.html", {"shown": page}, status=page.status)


def _by_a_person(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _refusal(status: int) -> BilanError:
    if status == NotFound.status:
        return NotFound(_("There is no page at this address."))
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        return Misdirected(_("This address is there for something else; go back and use the page's buttons."))
    return Misdirected(_("What the browser sent could not be read; go back and try again."))


INTERFACE = Interface(
    routes=(
        Route("/", login.start, methods=GET),
        Route("/sign-in", login.sign_in_form, methods=GET),
        Route("/sign-in", login.sign_in, methods=POST),
        Route("/sign-out", login.sign_out, methods=POST),
        Route("/first-owner", first_owner.first_owner, methods=GET),
        Route("/first-owner", first_owner.make, methods=POST),
        Route("/forgotten", forgotten.forgotten, methods=GET),
        Route("/forgotten", forgotten.ask, methods=POST),
        Route("/language", login.language, methods=POST),
        Route("/reports", home.reports, methods=GET),
        Route("/reports/new", builder.kinds, methods=GET),
        Route("/reports/new/{kind}", builder.new, methods=GET),
        Route("/reports/new/{kind}", builder.create, methods=POST),
        Route("/reports/new/{kind}/preview", builder.preview_new, methods=POST),
        Route("/reports/new/{kind}/schedule", builder.schedule_fields, methods=POST),
        Route("/reports/{id}", reports.report, methods=GET),
        Route("/reports/{id}/edit", builder.edit, methods=GET),
        Route("/reports/{id}/edit", builder.change, methods=POST),
        Route("/reports/{id}/preview", builder.preview_changed, methods=POST),
        Route("/reports/{id}/review", review.review, methods=GET),
        Route("/reports/{id}/review", review.launch, methods=POST),
        Route("/reports/{id}/copy", reports.copy, methods=POST),
        Route("/reports/{id}/delete", reports.delete, methods=POST),
        Route("/reports/{id}/run", reports.run, methods=POST),
        Route("/reports/{id}/send", sending.report_form, methods=GET),
        Route("/reports/{id}/send", sending.send_report, methods=POST),
        Route("/reports/{id}/share", sharing.of_report, methods=GET),
        Route("/reports/{id}/schedule", schedule_forms.new, methods=GET),
        Route("/reports/{id}/schedule", schedule_forms.create, methods=POST),
        Route("/reports/{id}/schedule/preview", schedule_forms.preview_new, methods=POST),
        Route("/schedules", schedules.schedules, methods=GET),
        Route("/schedules/new", schedule_forms.choose, methods=GET),
        Route("/schedules/calendar", calendar.calendar, methods=GET),
        Route("/schedules/{id}", schedules.schedule, methods=GET),
        Route("/schedules/{id}/edit", schedule_forms.edit, methods=GET),
        Route("/schedules/{id}/edit", schedule_forms.change, methods=POST),
        Route("/schedules/{id}/preview", schedule_forms.preview_changed, methods=POST),
        Route("/schedules/{id}/pause", schedules.pause, methods=POST),
        Route("/schedules/{id}/resume", schedules.resume, methods=POST),
        Route("/schedules/{id}/take-over", schedules.take_over, methods=POST),
        Route("/schedules/{id}/delete", schedules.delete, methods=POST),
        Route("/schedules/{id}/test", schedules.test, methods=POST),
        Route("/schedules/{id}/send-now", schedules.send_now, methods=POST),
        Route("/occurrences/{id}", occurrences.occurrence, methods=GET),
        Route("/occurrences/{id}/letters/{number}", approvals.letter, methods=GET),
        Route("/occurrences/{id}/letters/{number}/html", approvals.letter_html, methods=GET),
        Route("/occurrences/{id}/approve", approvals.approve, methods=POST),
        Route("/occurrences/{id}/reject", approvals.reject, methods=POST),
        Route("/occurrences/{id}/resend", occurrences.resend, methods=POST),
        Route("/occurrences/{id}/to-me", occurrences.to_me, methods=POST),
        Route("/pages/{page}", kind_pages.page, methods=GET),
        Route("/pages/{page}", kind_pages.build, methods=POST),
        Route("/deliveries/{id}/arrived", sending.arrived, methods=POST),
        Route("/deliveries/{id}/again", sending.again, methods=POST),
        Route("/links/{token}", links.link, methods=GET),
        Route("/links/{token}/fresh", links.fresh, methods=POST),
        Route("/confirm/{token}", confirming.confirmation, methods=GET),
        Route("/confirm/{token}", confirming.confirm, methods=POST),
        Route("/confirm/{token}/again", confirming.ask_again, methods=POST),
        Route("/unsubscribe/{token}", subscriptions.subscriptions, methods=GET),
        Route("/unsubscribe/{token}", subscriptions.change, methods=POST),
        Route("/outbox", outbox.outbox, methods=GET),
        Route("/outbox/{id}", outbox.mail, methods=GET),
        Route("/outbox/{id}/html", outbox.html, methods=GET),
        Route("/outbox/{id}/files/{number}", outbox.mail_attachment, methods=GET),
        Route("/runs", history.history, methods=GET),
        Route("/runs/{id}", runs.run, methods=GET),
        Route("/runs/{id}/rows", rows.rows, methods=GET),
        Route("/runs/{id}/rows.csv", rows.rows_file, methods=GET),
        Route("/runs/{id}/cancel", runs.cancel, methods=POST),
        Route("/runs/{id}/again", runs.again, methods=POST),
        Route("/runs/{id}/send", sending.run_form, methods=GET),
        Route("/runs/{id}/send", sending.send_run, methods=POST),
        Route("/runs/{id}/send/preview", sending.preview, methods=GET),
        Route("/runs/{id}/share", sharing.form, methods=GET),
        Route("/runs/{id}/share", sharing.create, methods=POST),
        Route("/shares", sharing.shares, methods=GET),
        Route("/shares/{id}", sharing.share, methods=GET),
        Route("/shares/{id}", sharing.change, methods=POST),
        Route("/shares/{id}/viewers", sharing.add, methods=POST),
        Route("/shares/{id}/viewers/{viewer}/revoke", sharing.revoke, methods=POST),
        Route("/shares/{id}/password", sharing.password, methods=POST),
        Route("/shares/{id}/stop", sharing.stop, methods=POST),
        Route("/check", check.check, methods=GET),
        Route("/check", check.checked, methods=POST),
        Route("/shared/{token}", shared.report, methods=GET),
        Route("/shared/{token}", shared.enter, methods=POST),
        Route("/shared/{token}/files/{signature}", shared.download, methods=GET),
        Route("/shared/{token}/pictures/{key}", shared.picture, methods=GET),
        Route("/runs/{id}/files", files.files, methods=GET),
        Route("/runs/{id}/files/{format}", runs.download, methods=GET),
        Route("/runs/{id}/files/{format}", files.render, methods=POST),
        Route("/sources", sources.sources, methods=GET),
        Route("/sources/new", source_forms.kinds, methods=GET),
        Route("/sources/new/{plugin}/{kind}", source_forms.new, methods=GET),
        Route("/sources/new/{plugin}/{kind}", source_forms.add, methods=POST),
        Route("/sources/new/{plugin}/{kind}/profiles", source_forms.find_profiles, methods=POST),
        Route("/sources/profiles/{id}", pulls.profiles, methods=GET),
        Route("/sources/profiles/{id}", pulls.connect, methods=POST),
        Route("/sources/{id}", sources.source, methods=GET),
        Route("/sources/{id}/edit", source_forms.edit, methods=GET),
        Route("/sources/{id}/edit", source_forms.change, methods=POST),
        Route("/sources/{id}/rotate", sources.rotate, methods=POST),
        Route("/sources/{id}/remove", sources.remove, methods=POST),
        Route("/sources/{id}/pull", pulls.start, methods=POST),
        Route("/sources/{id}/back-fill", pulls.back_fill, methods=POST),
        Route("/sources/{id}/check", pulls.check, methods=POST),
        Route("/pulls/{id}/stop", pulls.stop, methods=POST),
        Route("/sources/{id}/rejects", rejects.rejects, methods=GET),
        Route("/sources/{id}/rejects.{format}", rejects.rejects_file, methods=GET),
        Route("/sources/{id}/import", imports.new, methods=GET),
        Route("/sources/{id}/import", imports.upload, methods=POST),
        Route("/imports/{id}", imports.mapping, methods=GET),
        Route("/imports/{id}/start", imports.start, methods=POST),
        Route("/people", people.people, methods=GET),
        Route("/people", people.add, methods=POST),
        Route("/people/{id}", people.person, methods=GET),
        Route("/people/{id}", people.change, methods=POST),
        Route("/people/{id}/close", people.close, methods=POST),
        Route("/people/{id}/link", people.link, methods=POST),
        Route("/people/{id}/invite", people.invite, methods=POST),
        Route("/contacts/{contact}", contacts.timeline, methods=GET),
        Route("/contacts/{contact}/fact", contacts.fact, methods=GET),
        Route("/merges", merges.merges, methods=GET),
        Route("/merges", merges.merge, methods=POST),
        Route("/merges/find", merges.find, methods=POST),
        Route("/merges/{id}/undo", merges.undo, methods=POST),
        Route("/erasures", erasures.erasures, methods=GET),
        Route("/erasures", erasures.erase, methods=POST),
        Route("/erasures/rules", erasures.rules, methods=POST),
        Route("/recipients", recipients.recipients, methods=GET),
        Route("/recipients", recipients.add, methods=POST),
        Route("/recipients/import", recipients.take, methods=POST),
        Route("/recipients/rules", recipients.rules, methods=POST),
        Route("/recipients/{id}", recipients.recipient, methods=GET),
        Route("/recipients/{id}", recipients.change, methods=POST),
        Route("/recipients/{id}/attributes", recipients.attributes, methods=POST),
        Route("/recipients/{id}/ask", recipients.ask, methods=POST),
        Route("/recipients/{id}/erase", recipients.erase, methods=POST),
        Route("/suppressions/{id}/lift", recipients.lift, methods=POST),
        Route("/welcome/{token}", welcome.welcome, methods=GET),
        Route("/welcome/{token}", welcome.choose, methods=POST),
        Route("/webhooks", webhooks.webhooks, methods=GET),
        Route("/webhooks/new", webhooks.new, methods=GET),
        Route("/webhooks/new", webhooks.add, methods=POST),
        Route("/webhooks/{id}", webhooks.edit, methods=GET),
        Route("/webhooks/{id}", webhooks.change, methods=POST),
        Route("/webhooks/{id}/test", webhooks.test, methods=POST),
        Route("/webhooks/{id}/remove", webhooks.remove, methods=POST),
        Route("/tokens", tokens.tokens, methods=GET),
        Route("/tokens", tokens.create, methods=POST),
        Route("/tokens/{id}/revoke", tokens.revoke, methods=POST),
        Route("/workspace", workspace.workspace, methods=GET),
        Route("/workspace", workspace.change, methods=POST),
        Route("/workspace/holidays", workspace.holidays, methods=POST),
        Route("/workspace/brand", workspace.brand, methods=POST),
        Route("/account", account.account, methods=GET),
        Route("/account", account.change, methods=POST),
        Route("/account/password", account.password, methods=POST),
        Route("/account/sign-out-everywhere", account.sign_out_everywhere, methods=POST),
        Mount("/static", static_files(), name="static"),
    ),
    page=plugin_page,
    language=lambda http: PageRequest(http).formatter.language,
    errors={HTTPException: refused, BilanError: failed, Exception: broken},
)
