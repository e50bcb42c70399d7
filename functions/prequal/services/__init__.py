"""Use cases: one a module, each a class with the ports that it needs and one public verb."""
