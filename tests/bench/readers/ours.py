"""Read an export to its end, and print how many documents it has, in how many seconds, with how many kB at most."""

import sys
import time
from pathlib import Path

from prequal.managed_export.reading import documents

start = time.perf_counter()
count = sum(1 for _ in documents(Path(sys.argv[1])))
seconds = time.perf_counter() - start
# Not by getrusage, which begins with the memory of the process that started this one.
print(count, seconds, Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
