"""`python -m crm_acceptance` is `crm-acceptance`; nothing else lives here."""

from __future__ import annotations

from crm_acceptance.cli import main

if __name__ == "__main__":
    main()
