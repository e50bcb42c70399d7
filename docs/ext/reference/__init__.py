"""Pages of the reference that are written from the code, so that they are complete and true."""
