"""What qualifying means, as values and pure functions: no clock, no network, no environment."""
