"""One test starts within a second or two: what it does not use is not loaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
HEAVY = {"playwright", "chdb", "strawberry", "tortoise", "aiosmtpd", "bilan.app", "bilan_email_campaigns"}


def imported_for(tests: str) -> set[str]:
    """The heavy modules that collecting these tests imports."""
    command = [sys.executable, "-X", "importtime", "-m", "pytest", "-s", "-q", "-n0", "--collect-only", tests]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return HEAVY & {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}


@pytest.mark.parametrize("tests", ["tests/server/sdk", "tests/docs/test_pages.py"])
def test_tests_of_values_load_no_server_engine_or_browser(tests: str) -> None:
    assert imported_for(tests) == set()


def test_tests_that_take_a_fixture_load_its_module_and_no_browser() -> None:
    imported = imported_for("tests/server/delivery/test_transports.py")

    assert imported & {"aiosmtpd", "playwright"} == {"aiosmtpd"}


def test_a_module_alone_finds_what_the_conftest_of_its_folder_takes() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider"]
    tests = "tests/server/ingest/importing/test_rejects.py"
    done = subprocess.run([*command, tests], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, "passed" in done.stdout) == (0, True), done.stdout
