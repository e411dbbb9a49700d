"""Run by Creme's own Python (never imported by the harness): fills an empty Creme with people, rights and records."""

# mypy: disable-error-code="import-not-found"
from __future__ import annotations

import django


def main() -> None:
    """One transaction: half a company is worse than none."""
    django.setup()
    from books import seed_books
    from creme.creme_core.models import CremeEntity
    from django.db import transaction
    from people import seed_people
    from records import seed_records

    with transaction.atomic():
        seed_books()
        seed_records(seed_people())
    print(f"{CremeEntity.objects.count()} entities")


if __name__ == "__main__":
    main()
