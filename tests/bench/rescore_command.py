"""Rescore a store, and print the number of leads, the seconds and the peak memory in kB."""

import re
import sys
import time
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from prequal.cli import main

start = time.perf_counter()
with redirect_stdout(StringIO()) as said:
    main(["rescore", *sys.argv[1:]], standalone_mode=False)
seconds = time.perf_counter() - start
count = re.findall(r" of ([\d,]+) leads move", said.getvalue())[0].replace(",", "")
# Not by getrusage, which begins with the memory of the process that started this one.
print(count, seconds, Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
