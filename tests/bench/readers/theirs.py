"""Read the first documents of an export's file with leveldb-export, and print the same figures as `ours.py`."""

import sys
import time
from itertools import islice
from pathlib import Path

from leveldb_export import parse_leveldb_documents

start = time.perf_counter()
count = sum(1 for _ in islice(parse_leveldb_documents(sys.argv[1]), int(sys.argv[2])))
seconds = time.perf_counter() - start
# Not by getrusage, which begins with the memory of the process that started this one.
print(count, seconds, Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
