"""Checks of a deployment from outside. They store nothing, and are never deployed.

`examination` runs them in order: `page`, `function` and `mail_domain` turn answers of the deployment (`visits`) and of
name servers into `results`.
"""
