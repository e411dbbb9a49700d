"""Secrets and personal data outside the permission matrix: at the login, on the wire, in errors, at rest."""
