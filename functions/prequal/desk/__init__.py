"""The desk: the owner's private site, where leads are read and decided about."""
