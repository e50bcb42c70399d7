"""What the leads come to: figures, and what can be said of them. Plain values; the report and the digest show them."""
