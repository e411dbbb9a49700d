"""Collects .feature files as pytest checks and tells Allure every sentence; runs on pytest-bdd, knows no CRM."""

from __future__ import annotations
