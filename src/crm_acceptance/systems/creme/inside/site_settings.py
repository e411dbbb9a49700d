"""Creme's settings for a launched site, read by Creme's own Python; where things lie comes from the environment."""

# mypy: disable-error-code="import-not-found"
from __future__ import annotations

import os
from pathlib import Path

from creme.settings import *  # noqa: F403
from creme.settings import MIDDLEWARE as CREME_MIDDLEWARE

CACHE = Path(os.environ["CREME_CACHE"])  # what the installation made once
HOME = Path(os.environ["CREME_HOME"])  # what one launch owns: database and uploads

SECRET_KEY = os.environ["CREME_SECRET_KEY"]
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
DEBUG = False
LANGUAGE_CODE = "en"
TIME_ZONE = "Asia/Shanghai"
SITE_DOMAIN = "http://127.0.0.1"
FORMAT_MODULE_PATH = ["formats"]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": HOME / "creme.sqlite",
        # A writer waits for the other process instead of failing with "database is locked".
        "OPTIONS": {"timeout": 30, "transaction_mode": "IMMEDIATE"},
    }
}

GENERATED_MEDIA_NAMES_FILE = CACHE / "media" / "creme_media_names.py"
GENERATED_MEDIA_NAMES_MODULE = "creme_media_names"
STATIC_ROOT = CACHE / "media" / "static"
MEDIA_ROOT = HOME / "upload"
MIDDLEWARE = ["whitenoise.middleware.WhiteNoiseMiddleware", *CREME_MIDDLEWARE]
STATIC_URL = "/static_media/"

# Nothing here needs background jobs; the socket only keeps Creme from asking for Redis.
JOBMANAGER_BROKER = f"unix_socket://{HOME}/"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
