"""The figures as a page to look at, to print and to send: one file, with all that it shows."""
