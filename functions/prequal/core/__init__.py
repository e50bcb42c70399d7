"""Domain model of prospect qualification: values and pure functions, without clock, network or environment."""
