"""Limits numpy's threads before any test imports numpy, as the command does."""

import prequal.calibration  # noqa: F401
