"""The processors that this process may use."""

import os
import sys

import pytest

from podium.workspace.machine import busy_note, n_cores


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits processors by process")
def test_a_process_that_is_kept_to_one_processor_has_one():
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert n_cores() == 1
    finally:
        os.sched_setaffinity(0, allowed)
    assert n_cores() == len(allowed)


def test_a_busy_machine_has_a_note_and_an_idle_one_has_none(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    monkeypatch.setattr(os, "getloadavg", lambda: (3.2, 0.0, 0.0), raising=False)
    note = busy_note()
    assert note is not None
    assert "3.2 programs ran on its 4 cores" in note
    monkeypatch.setattr(os, "getloadavg", lambda: (1.9, 9.0, 9.0), raising=False)
    assert busy_note() is None
    monkeypatch.delattr(os, "getloadavg")
    assert busy_note() is None
