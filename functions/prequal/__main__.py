"""`python -m prequal`: the command where it isn't installed, as in an unpacked archive."""

from prequal.cli import main

main(prog_name="prequal")
