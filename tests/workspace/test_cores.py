"""The processors that this process may use."""

import os
import sys

import pytest

from podium.workspace.machine import n_cores


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits processors by process")
def test_a_process_that_is_kept_to_one_processor_has_one():
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert n_cores() == 1
    finally:
        os.sched_setaffinity(0, allowed)
    assert n_cores() == len(allowed)
