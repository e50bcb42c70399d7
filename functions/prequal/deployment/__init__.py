"""Deployment to Google Cloud: its preconditions, and the tools that carry it out. Never deployed itself."""
