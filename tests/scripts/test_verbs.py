"""The verbs of the Makefile, and what runs them: CI."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from support.absent import missing

ROOT = Path(__file__).parents[2]


@pytest.mark.integration
def test_make_help_lists_every_verb() -> None:
    listed = subprocess.run(
        ["make", "--no-print-directory", "help"], check=True, cwd=ROOT, capture_output=True, text=True
    ).stdout
    verbs = [line.split()[1] for line in listed.splitlines()]

    assert verbs == [
        "help", "setup", "demo", "serve", "unit", "test", "test-long", "fix", "check", "schema", "docs",
        "bench", "growth", "attack", "chaos", "gallery", "clean",
    ]  # fmt: skip


def test_no_file_names_a_registry_or_this_machine() -> None:
    names = ["Makefile", "constraints.txt", "requirements-dev.txt", "pyproject.toml", "Dockerfile", ".ci/run"]
    texts = {name: (ROOT / name).read_text(encoding="utf-8") for name in names}

    assert [name for name, text in texts.items() if "index-url" in text or str(ROOT) in text] == []


def test_ci_checks_and_runs_every_test_in_its_long_form_too() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    assert re.findall(r"^make ([a-z-]+)", script, re.MULTILINE) == ["check", "test", "test-long"]


@pytest.mark.parametrize("workflow", [".github/workflows/ci.yml", ".gitlab-ci.yml"])
def test_every_forge_calls_the_same_script_on_a_bare_debian(workflow: str) -> None:
    text = (ROOT / workflow).read_text(encoding="utf-8")

    assert re.search(r"^ *- (run: )?\.ci/run$", text, re.MULTILINE)
    assert re.search(r"^ *(container|image): debian:stable$", text, re.MULTILINE)


def test_ci_promises_that_every_service_is_there() -> None:
    assert "\nexport CI=true\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_a_service_that_is_missing_fails_the_test_where_it_was_promised(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CI", "true")

    with pytest.raises(pytest.fail.Exception, match=r"^no Redis: nothing answers$"):
        missing("Redis", "nothing answers")


def test_elsewhere_its_test_is_skipped_and_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)

    with pytest.raises(pytest.skip.Exception, match=r"^no Redis: nothing answers$"):
        missing("Redis", "nothing answers")
