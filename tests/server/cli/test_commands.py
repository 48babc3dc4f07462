"""Every command, in its own process and through a running server's socket."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from uuid import UUID

import pytest

from bilan.cli.perform import perform
from fixtures.commands import EVENTS, Commands
from fixtures.smtp import Sink

ADD = ("sources", "add", "--plugin", "email_campaigns")
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/hooks/[\w-]{20,}\n")


pytestmark = pytest.mark.slow


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Four events, and a row without a recognisable moment."""
    path = tmp_path / "events.csv"
    path.write_text(EVENTS + "some day,sent,cid@example.org,spring,Spring\n")
    return path


def test_a_new_source_with_a_webhook_is_answered_with_its_address(command: Commands) -> None:
    name = f"Mail {command.word}"
    address = command(*ADD, "--kind", "brevo", "--name", name, "--setting", "secret=s")

    assert ADDRESS.fullmatch(address)
    assert f"{name}\tbrevo\t{address}" in command("sources", "list")


def test_a_new_source_without_a_webhook_is_answered_with_how_to_import(command: Commands) -> None:
    name = f"Files {command.word}"
    said = command(*ADD, "--kind", "file", "--name", name)

    assert said == f"Added {name}. Import files with: bilan import --source '{name}' FILE\n"
    assert f"{name}\tfile\t\n" in command("sources", "list")


def test_a_new_source_that_is_fetched_is_answered_with_how_to_fetch(command: Commands) -> None:
    name = f"Talks {command.word}"
    kind = ("--plugin", "social_profiles", "--kind", "bluesky", "--setting", "profile=acme.example.org")
    said = command("sources", "add", *kind, "--name", name)

    assert said == f"Added {name}. Fetch it with: bilan pull '{name}'\n"


def test_a_file_is_imported_once_however_often_it_comes(
    command: Commands, file: Path, tmp_path: Path
) -> None:
    source, out = command.add(), tmp_path / "out.jsonl"
    for counts in ("4 new, 0 already there", "0 new, 4 already there"):
        said = command("import", "--source", source, str(file)).splitlines()
        assert said[:2] == ["Reading events.csv as table.", "Into email.events:"]
        done = said.index(f"5 rows: {counts}, 1 rejected.")
        assert said[done + 1].startswith("  row 6: ")
        command("export", "email.events", "--source", source, "--out", str(out))
        facts = [json.loads(line) for line in out.read_text().splitlines()]
        assert [(fact["kind"], fact["recipient"]) for fact in facts] == [
            ("sent", "ann@example.org"),
            ("delivered", "ann@example.org"),
            ("opened", "ann@example.org"),
            ("sent", "bob@example.org"),
        ]


@pytest.fixture
def totals(tmp_path: Path) -> Path:
    path = tmp_path / "export.csv"
    path.write_text("Name,Send Date,Audience,Plays,Note\nWinter,01/05/2026,1000,7,x\n")
    return path


@pytest.mark.requirement("DC-26")
def test_an_import_says_which_columns_it_took_and_which_it_left_aside(
    command: Commands, totals: Path
) -> None:
    source = command.add()
    said = command(
        "import", "--source", source, str(totals), "--dates", "month_first", "--dry-run",
        "--map", "Audience=recipients", "--map", "Name=campaign_name", "--map", "Send Date=occurred_at",
    ).splitlines()  # fmt: skip
    assert said[:4] == [
        "Into email.campaign_totals:",
        "  Name is campaign_name",
        "  Send Date is occurred_at",
        "  Audience is recipients",
    ]
    assert "Left aside although they hold figures: Plays" in said
    assert "Left aside: Note" in said


@pytest.mark.requirement("DC-27")
def test_a_column_of_dates_that_leave_their_order_open_is_refused_with_the_option_to_give(
    command: Commands, totals: Path
) -> None:
    totals.write_text("Campaign,Send Date,Recipients,Opens\nWinter,01/05/2026,1000,300\n")
    source = command.add()
    asked = ("import", "--source", source, str(totals), "--dry-run")
    refused = command.attempt(*asked)
    assert (refused.exit_code, "--dates" in refused.stderr) == (1, True)
    said = command(*asked, "--dates", "month_first").splitlines()
    assert said[-4].endswith("campaign Winter, channel email, recipients 1000, opens 300")
    assert said[-3:] == [
        "Totals: recipients 1,000, opens 300",
        "From 2026-01-05T00:00:00+00:00 to 2026-01-05T00:00:00+00:00",
        "1 row would be accepted, 0 rejected. Nothing was imported.",
    ]
    assert "2026-05-01" in command(*asked, "--dates", "day_first")


def test_an_id_may_stand_for_a_name(command: Commands, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = command.add()
    for variable, value in command.environment.items():
        monkeypatch.setenv(variable, value)
    listed = perform(lambda client: client.ask("{ sources { id name } }"))["sources"]
    [ident] = [each["id"] for each in listed if each["name"] == name]

    assert "5 rows: 4 new" in command("import", "--source", ident, str(file), "--as", "table")


def test_facts_are_exported_by_days_and_formats(command: Commands, file: Path, tmp_path: Path) -> None:
    source, out = command.add(), tmp_path / "out"
    command("import", "--source", source, str(file))

    def exported(*arguments: str) -> bytes:
        command("export", "email.events", "--source", source, "--out", str(out), *arguments)
        return out.read_bytes()

    assert len(exported("--since", "2026-02-02").splitlines()) == 1
    assert len(exported("--until", "2026-02-02").splitlines()) == 3
    assert (
        len(exported("--since", "2026-02-01T09:05:00Z", "--until", "2026-02-01T11:00+01:00").splitlines())
        == 1
    )
    assert exported("--format", "csv").splitlines()[0].startswith(b"source,ingested_at,occurred_at,")
    assert exported("--format", "parquet")[:4] == b"PAR1"
    assert exported("--since", "2027-01-01") == b""
    assert exported("--format", "csv", "--columns", "kind, recipient").splitlines()[0] == b"kind,recipient"
    refused = command.refusal("export", "email.campaigns", "--columns", "kind", "--out", str(out))
    assert "email.campaigns has no column kind; there are: source, ingested_at, occurred_at," in refused


def test_a_report_needs_nothing_but_its_kind(command: Commands, file: Path, tmp_path: Path) -> None:
    source, out = command.add(), tmp_path / "report.csv"
    command("import", "--source", source, str(file))
    said = command("report", "email.campaign", "--out", str(out))

    assert re.fullmatch(r"\S.*\.zip: application/zip, [\d,]+ bytes, run [0-9a-f-]{36}\n", said)
    assert zipfile.is_zipfile(out)


def test_a_report_takes_parameters_a_format_and_a_language(
    command: Commands, file: Path, tmp_path: Path
) -> None:
    source, out = command.add(), tmp_path / "report.html"
    command("import", "--source", source, str(file))
    command(
        "report", "email.campaign", "--param", "period=2026-02-01..2026-02-28",
        "--format", "html", "--language", "fr", "--out", str(out),
    )  # fmt: skip

    assert 'lang="fr"' in out.read_text()


def test_a_token_is_made_for_a_person_and_the_first_person_is_the_owner(command: Commands) -> None:
    # Before any other person of the server that these tests share.
    owner, member = "olga@example.org", f"{command.word}@example.org"
    first = command("tokens", "create", "--email", owner)
    link = command("people", "add", "--email", member, "--role", "admin")
    second = command("tokens", "create", "--email", member.upper(), "--read-only", "--days", "7")

    assert re.fullmatch(r"\S{30,}\n", first)
    assert re.fullmatch(r"\S{30,}\n", second)
    assert re.fullmatch(r"http://\S+/welcome/\S{100,}\n", link)
    assert command("people", "link", "--email", member) != link
    assert command.refusal("tokens", "create", "--email", "nobody@example.org") == (
        "email: Nobody has the address nobody@example.org. "
        "Add them with: bilan people add --email nobody@example.org"
    )
    assert "email" in command.refusal("people", "add", "--email", member)


def a_run(command: Commands, file: Path, tmp_path: Path) -> str:
    """A run of the campaign report, by its id."""
    source, out = command.add(), tmp_path / "report.csv"
    command("import", "--source", source, str(file))
    return command("report", "email.campaign", "--out", str(out)).split()[-1]


def test_a_run_is_sent_to_people_of_the_workspace_and_the_same_key_sends_once(
    command: Commands, file: Path, tmp_path: Path
) -> None:
    zoe, yan = (f"{name}-{command.word}@example.org" for name in ("zoe", "yan"))
    for address in (zoe, yan):
        command("people", "add", "--email", address)
    run, to = a_run(command, file, tmp_path), ("--to", zoe, "--to", yan.upper())
    for _again in range(2):
        said = command("send", run, *to, "--format", "csv", "--format", "xlsx", "--key", command.word)
        assert sorted(said.splitlines()) == [
            f"{address}: accepted (kept in the outbox)" for address in sorted((yan, zoe))
        ]
    refused = command.refusal("send", run, "--to", zoe, "--key", command.word)
    assert "Something else was asked for from this form already" in refused


def test_what_cannot_be_sent_is_said(command: Commands, file: Path, tmp_path: Path) -> None:
    run = a_run(command, file, tmp_path)
    assert (
        "to: eve@elsewhere.example is neither a person of this workspace nor in its address book"
        in command.refusal("send", run, "--to", "eve@elsewhere.example")
    )
    assert command.refusal("send", "nope", "--to", "x@example.org") == (
        "run: nope is no run; its id stands in its page's address."
    )
    assert "There is no run" in command.refusal("send", str(UUID(int=9)), "--to", "x@example.org")
    assert "stone is no format here" in command.refusal(
        "send", run, "--to", "x@example.org", "--format", "stone"
    )


def test_an_email_that_is_not_taken_over_ends_the_command_with_its_reason(
    alone: Commands, file: Path, tmp_path: Path, sink: Sink
) -> None:
    run = a_run(alone, file, tmp_path)
    for name in ("zoe", "yan", "xan"):
        alone("people", "add", "--email", f"{name}@example.org")
    sink.answers["zoe@example.org", "before"] = "550 no such mailbox"
    sink.answers["yan@example.org", "before"] = "451 later"
    to = [part for name in ("zoe", "yan", "xan") for part in ("--to", f"{name}@example.org")]
    done = alone.attempt("send", run, *to, mail_url=sink.url)
    assert (done.exit_code, done.stderr) == (1, "Error: One of the e-mails was not taken over.\n")
    assert sorted(done.stdout.splitlines()) == [
        "xan@example.org: accepted (250 taken)",
        "yan@example.org: put off, and tried again later (451 later)",
        "zoe@example.org: refused (The receiving server refused this: 550 no such mailbox)",
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("sources", "add", "--plugin", "nope", "--kind", "file", "--name", "n"),
         ("plugin: No plugin nope is installed; there are: contacts, email_campaigns, social_profiles, "
          "whatsapp_inbox.")),
        ((*ADD, "--kind", "nope", "--name", "n"), "nope"),
        ((*ADD, "--kind", "file", "--name", " "), "name: "),
        ((*ADD, "--kind", "file", "--name", "n", "--setting", "zone"),
         "setting: --setting takes NAME=VALUE, not “zone”."),
        ((*ADD, "--kind", "file", "--name", "n", "--setting", "nope=1"), "nope"),
        ((*ADD, "--kind", "file", "--name", "n", "--setting", "zone=Mars"), "zone: "),
        (("import", "--source", "nope", "FILE"), "There is no such source."),
        (("report", "nope.kind", "--out", "OUT"), "nope.kind"),
        (("report", "email.campaign", "--format", "nope", "--out", "OUT"), "nope"),
        (("report", "email.campaign", "--language", "tlh", "--out", "OUT"), "tlh"),
        (("report", "email.campaign", "--param", "period", "--out", "OUT"),
         "param: --param takes NAME=VALUE, not “period”."),
        (("report", "email.campaign", "--param", "nope=1", "--out", "OUT"), "nope"),
        (("report", "email.campaign", "--param", "period=soon", "--out", "OUT"), "period"),
        (("export", "nope.events", "--out", "OUT"), "dataset: There is no dataset nope.events; there are: "),
        (("export", "email.events", "--source", "nope", "--out", "OUT"), "There is no source nope; "),
        (("export", "email.events", "--format", "xml", "--out", "OUT"),
         "format: Facts do not come as xml; choose from jsonl, csv, parquet."),
        (("export", "email.events", "--since", "yesterday", "--out", "OUT"),
         "since: “yesterday” is no moment; write 2026-01-31 or 2026-01-31T08:00:00Z."),
        (("people", "add", "--email", "kim@example.org", "--role", "king"),
         "role: There is no role king; use owner, admin or member."),
        (("people", "add", "--email", "nobody"), "email: "),
    ],
    ids=lambda value: "-".join(value[-6:]) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_what_cannot_be_done_is_said_in_a_sentence_and_leaves_no_file(
    command: Commands, arguments: tuple[str, ...], sentence: str, file: Path, tmp_path: Path
) -> None:
    places = {"FILE": str(file), "OUT": str(tmp_path / "out")}
    before = sorted(tmp_path.glob("*"))
    said = command.refusal(*(places.get(each, each) for each in arguments))

    assert sentence in said
    assert said.endswith((".", "?"))
    assert [path for path in sorted(tmp_path.glob("*")) if path.name != "data"] == [
        path for path in before if path.name != "data"
    ]


def test_a_file_that_cannot_be_read_as_asked_is_refused(command: Commands, file: Path) -> None:
    assert "nope" in command.refusal("import", "--source", command.add(), "--as", "nope", str(file))


def test_a_name_is_taken_once(command: Commands) -> None:
    name = command.add()
    assert name in command.refusal(*ADD, "--kind", "file", "--name", name)


def test_a_failing_command_keeps_the_file_that_was_there(command: Commands, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("before")
    command.refusal("report", "email.campaign", "--param", "period=soon", "--out", str(out))

    assert out.read_text() == "before"
    assert list(tmp_path.glob(".out*")) == []


def test_a_folder_that_is_not_there_is_named_before_anything_is_done(
    command: Commands, tmp_path: Path
) -> None:
    out = tmp_path / "missing" / "out.csv"
    assert command.refusal("report", "email.campaign", "--out", str(out)) == (
        f"{out}: No such file or directory"
    )


def test_a_file_to_import_must_be_there(alone: Commands) -> None:
    done = alone.attempt("import", "--source", "s", "missing.csv")
    assert (done.exit_code, "missing.csv" in done.stderr) == (2, True)


def test_the_secret_key_is_changed_where_no_server_holds_it(alone: Commands) -> None:
    settings = ("--setting", "signing_key=the key of a service")
    alone("sources", "add", "--plugin", "email", "--kind", "mailgun", "--name", "Gun", *settings)
    assert alone("keys", "rotate") == "Sealed 1 secrets of sources and targets with the new key.\n"
    assert "mailgun" in alone("sources", "list")
