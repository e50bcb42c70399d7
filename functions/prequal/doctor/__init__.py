"""What is wrong with a deployment, seen from outside: each check one sentence. Never deployed, and stores nothing.

Straight through: `examination` visits the site (`visiting`) and lets `site`, `function` and `mail_domain` say what they
think of what they find, as findings.
"""
