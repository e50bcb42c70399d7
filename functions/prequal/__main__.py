"""`python -m prequal`: the command, whether or not its script is on the path."""

from prequal.cli import main

main(prog_name="prequal")
