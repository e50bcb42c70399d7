"""prequal: qualify prospects before they cost an hour."""
