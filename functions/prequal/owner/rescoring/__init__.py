"""Rescoring: stored leads under another form, and the reasons why some of them move."""
