"""Sealing a run: one file that proves by itself, offline, that nothing in it was changed. Judges no CRM."""
