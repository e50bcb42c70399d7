"""From this machine to Google Cloud: what must be there first, and the tools that do it. Never deployed itself."""
