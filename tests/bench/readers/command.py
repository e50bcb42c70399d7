"""Run `prequal` with these arguments, and print in how many seconds, with how many kB at most, after what it says."""

import sys
import time
from pathlib import Path

from prequal.cli import main

start = time.perf_counter()
main(sys.argv[1:], standalone_mode=False)
seconds = time.perf_counter() - start
# Not by getrusage, which begins with the memory of the process that started this one.
print(seconds, Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
