"""Calibration: points learned from past clients, and their reliability. Never deployed.

Data flows one way. The columns of a table (`prequal.tables`) are matched to questions (`columns`) and become past
clients (`table_clients`), as stored leads do (`lead_clients`). All these `clients` become a design matrix (`design`).
From it a scorecard is learned (`ridge`, `learner`), cross-validated (`validation`, `evaluation`), judged (`verdict`),
given thresholds (`grades`) and reported (`presentation`, `plot`, `form_values`); `pipeline` joins these steps.

Needs the extra `owner`; without it, the command says what to install.
"""

import os

# These matrices are too narrow to gain from several threads, which wait for one another on a busy machine. numpy's
# linear algebra reads this when it is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
