"""The world behind the ports: stores and ways to send mail."""
