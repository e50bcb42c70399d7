"""Other rules for the leads there are: who moves, and which answers make the difference."""
