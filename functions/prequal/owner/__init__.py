"""What the owner reads: leads in words, and exports."""
