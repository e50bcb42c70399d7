"""Figures of the leads and the sentences that they support, as plain values."""
