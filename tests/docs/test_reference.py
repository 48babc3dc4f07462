"""The pages that list things list all of them."""

from __future__ import annotations

import importlib.util
import inspect
import re
from pathlib import Path
from types import ModuleType

import pytest

from bilan.meters import Meters
from bilan.sdk import hooks
from bilan.sdk.hooks import HOOKS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
TESTS = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))


def _reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "scripts" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


REFERENCE = _reference()


@pytest.mark.parametrize("page", ["settings.md", "commands.md", "decisions/index.md"])
def test_the_listing_is_what_the_code_says(page: str) -> None:
    written = (DOCS / page).read_text(encoding="utf-8")

    assert written == REFERENCE.PAGES[page](), "write it anew with: .venv/bin/python scripts/reference.py"


def test_every_setting_command_option_and_decision_is_explained() -> None:
    for page in REFERENCE.PAGES:
        empty = [
            line for line in (DOCS / page).read_text().splitlines() if re.search(r"\|\s*(None)?\s*\|$", line)
        ]
        assert [line for line in empty if not re.fullmatch(r"[| -]+", line)] == [], page


def _signature(hook: str) -> str:
    signature = inspect.signature(getattr(hooks, hook))
    return f"{hook}({', '.join(signature.parameters)}) -> {signature.return_annotation}"


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_has_a_heading_with_its_exact_signature(hook: str) -> None:
    page = (DOCS / "hooks.md").read_text(encoding="utf-8")

    assert f"\n### `{_signature(hook)}`\n" in page


@pytest.mark.parametrize("hook", HOOKS)
def test_the_text_under_a_hooks_heading_begins_like_its_docstring(hook: str) -> None:
    page = (DOCS / "hooks.md").read_text(encoding="utf-8")
    _before, _heading, after = page.partition(f"### `{_signature(hook)}`\n")
    said = " ".join(after.partition("\n#")[0].split())
    summary = inspect.getdoc(getattr(hooks, hook)) or ""

    assert said.startswith(summary.partition("\n")[0].rstrip("."))


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_has_a_test_of_its_name(hook: str) -> None:
    assert f"def test_hook_{hook}_" in TESTS


def test_no_heading_speaks_of_a_hook_that_is_gone() -> None:
    headings = re.findall(r"^### `(\w+)\(", (DOCS / "hooks.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert headings == [hook for hook in headings if hook in HOOKS]
    assert len(headings) == len(HOOKS)


def test_every_meter_is_explained() -> None:
    def none() -> float:
        return 0

    meters = Meters()
    meters.watch_kept_answers(none, none, none)
    meters.watch_questions(none, none, none)
    page = (DOCS / "operations.md").read_text(encoding="utf-8")

    explained = re.findall(r"^\| `(bilan_\w+)` \| .", page, re.MULTILINE)

    assert sorted(explained) == sorted(one.name for one in meters.registry.collect())
