"""The server's code is imported without the garbage collector, and never looked at by it again."""

from __future__ import annotations

import gc

import pytest

from bilan.cli.loading import loading


def test_nothing_is_collected_while_code_is_loaded_and_what_stands_then_never_is() -> None:
    gc.unfreeze()
    assert gc.get_freeze_count() == 0
    try:
        with loading():
            assert not gc.isenabled()
        assert gc.isenabled()
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()


def test_the_collector_goes_on_where_code_cannot_be_loaded() -> None:
    with pytest.raises(ImportError), loading():
        raise ImportError

    assert gc.isenabled()
    gc.unfreeze()
