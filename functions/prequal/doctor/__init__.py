"""Checks of a deployment from outside. They store nothing, and are never deployed.

`examination` runs them in order: `landing_page`, `function`, `visitor_address`, `mail_domain` and `spf` turn answers of
the deployment (`visits`) and of name servers into `results`.
"""
