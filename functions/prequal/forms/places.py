"""Where a checkout keeps what."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FUNCTIONS = ROOT / "functions"
SCHEMA = ROOT / "schema"
SITE = ROOT / "site"
