"""A plugin touches its own folder alone: dropped into a copy of the workspace, everything finds it there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.plugins import PLUGINS, ROOT, STRANGER

pytestmark = [pytest.mark.integration, pytest.mark.slow]

WORKSPACE = (
    "Makefile",
    "pyproject.toml",
    "constraints.txt",
    "requirements-dev.txt",
    "server",
    "ui",
    "plugins",
    "tests",
    "scripts",
)
NOT_NEEDED = shutil.ignore_patterns("__pycache__", ".*", "build", "dist", "*.sqlite3")


class Workspace:
    """A copy of the workspace with one plugin more, whose only change is that folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.plugin = folder, folder / "plugins" / "parcels"
        for name in WORKSPACE:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, folder / name, ignore=NOT_NEEDED)
            else:
                shutil.copy(ROOT / name, folder / name)
        shutil.copytree(STRANGER, self.plugin, ignore=NOT_NEEDED)

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """What the command says there."""
        return subprocess.run(
            command, cwd=self.folder, env={**os.environ, **environment},
            capture_output=True, text=True, check=False, timeout=1200,
        )  # fmt: skip

    def pytest(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """What these tests of the copy say."""
        return self.run(sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", *arguments)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("workspace"))


def test_the_verbs_install_it(workspace: Workspace) -> None:
    commands = workspace.run("make", "-n", "setup", "VENV=new").stdout
    assert "-e plugins/parcels" in commands


def test_the_layers_hold_it_to_the_sdk(workspace: Workspace) -> None:
    tests = ("tests/plugins/test_boundaries.py", "-k", "parcels")
    kept = workspace.pytest(*tests)
    assert (kept.returncode, "2 passed" in kept.stdout) == (0, True), kept.stdout
    wrong = workspace.plugin / "bilan_parcels" / "wrong.py"
    wrong.write_text("from bilan.registry.gather import load\n", encoding="utf-8")
    broken = workspace.pytest(*tests)
    wrong.unlink()
    assert "bilan_parcels/wrong.py imports bilan.registry.gather" in broken.stdout


def test_its_wording_is_to_be_translated(workspace: Workspace) -> None:
    tests = ("tests/server/i18n/test_french.py", "-k", "every_distribution")
    missing = workspace.pytest(*tests)
    assert missing.returncode == 1
    assert f"assert {2 + len(PLUGINS)} == (2 + {1 + len(PLUGINS)})" in missing.stdout
    messages = workspace.plugin / "bilan_parcels" / "locale" / "fr" / "LC_MESSAGES"
    messages.mkdir(parents=True)
    (messages / "parcels.po").touch()
    assert workspace.pytest(*tests).returncode == 0


def test_its_coverage_is_measured(workspace: Workspace) -> None:
    script = workspace.folder / "uses.py"
    script.write_text("import bilan_parcels\n", encoding="utf-8")
    python = (sys.executable, "-m", "coverage")
    ran = workspace.run(*python, "run", "uses.py", PYTHONPATH=str(workspace.plugin))
    assert ran.returncode == 0, ran.stderr
    workspace.run(*python, "combine")
    assert workspace.run(*python, "json", "-o", "measured.json").returncode == 0
    measured = json.loads((workspace.folder / "measured.json").read_text(encoding="utf-8"))["files"]
    lines = measured["plugins/parcels/bilan_parcels/__init__.py"]["summary"]
    assert lines["covered_lines"] > 0


def test_the_snapshot_and_the_gallery_show_it_once_it_is_installed(workspace: Workspace) -> None:
    site = workspace.folder / "site"
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install")
    done = workspace.run(*pip, "--no-build-isolation", "--no-deps", "--target", str(site), "plugins/parcels")
    assert done.returncode == 0, done.stderr
    made = workspace.run(sys.executable, "-m", "bilan.graphql.snapshot", "new.graphql", PYTHONPATH=str(site))
    assert made.returncode == 0, made.stderr
    new = (workspace.folder / "new.graphql").read_text(encoding="utf-8")
    assert "  parcels: Parcels" in new
    assert "  email: Email" in new
    shown = workspace.run(sys.executable, "-c", GALLERY, PYTHONPATH=str(site))
    assert "'kind-parcels.delivery': 'parcels.delivery'" in shown.stdout, shown.stderr


GALLERY = """
import runpy
from bilan.registry.gather import load

class Demo:
    def asks(self, query):
        return {"reportKinds": [{"key": key} for key in load().reports]}

print(runpy.run_path("scripts/gallery.py")["other_kinds"](Demo()))
"""
