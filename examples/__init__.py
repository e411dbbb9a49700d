"""Two systems that nothing was designed for, each connected by a mapping file alone: docs/guides/onboarding.md."""
