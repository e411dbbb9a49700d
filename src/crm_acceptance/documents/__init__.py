"""The papers of an acceptance: one 验收单 as Word, PDF and Excel, alike byte for byte. Decides nothing."""
