"""Leads in SQLite."""
