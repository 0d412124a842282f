"""Where this folder is first on PYTHONPATH, a process measures time by its own processor time.

Python imports this file as it starts. Other work on the machine then takes no time from anyone.
"""

import queue  # noqa: F401  (what waits for another thread keeps the clock on the wall)
import threading  # noqa: F401
import time

time.monotonic = time.perf_counter = time.process_time
