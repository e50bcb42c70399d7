"""Read an export to its end, and print the number of documents, the seconds taken and the peak memory in kB."""

import sys
import time
from pathlib import Path

from prequal.managed_export.reader import read_documents

start = time.perf_counter()
count = sum(1 for _ in read_documents(Path(sys.argv[1])))
seconds = time.perf_counter() - start
# Not by getrusage, which begins with the memory of the process that started this one.
print(count, seconds, Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
