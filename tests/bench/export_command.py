"""Export a store to a file, and print the number of leads, the seconds and the peak memory in kB."""

import sys
import time
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

from prequal.cli import main

start = time.perf_counter()
with redirect_stderr(StringIO()) as said:
    main(["export", "-o", sys.argv[1]], standalone_mode=False)
seconds = time.perf_counter() - start
# Not by getrusage, which begins with the memory of the process that started this one.
print(
    said.getvalue().split()[1].replace(",", ""),
    seconds,
    Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0],
)
