"""`make run` and manage.py on one computer: secrets and data under GEZHI_VAR, no outside mail."""

from __future__ import annotations

import secrets

from cryptography.fernet import Fernet

from config import env
from config.secrets import kept
from config.settings.base import *  # noqa: F403
from config.settings.base import SECRET_KEY, VAR

SECRET_KEY = SECRET_KEY or kept(VAR / "secrets", "secret_key", lambda: secrets.token_urlsafe(50))
GEZHI_FIELD_KEYS = kept(VAR / "secrets", "field_keys", lambda: Fernet.generate_key().decode()).split(",")

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR / "mail"

if env.flag("GEZHI_HTTPS"):
    ALLOWED_HOSTS = ["*"]  # on the local network, behind a self-made certificate
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# Browsers tell hosts apart but not ports: two runs side by side must not sign each other out.
if (port := env.number("PORT", 8000)) != 8000:
    SESSION_COOKIE_NAME = f"sessionid_{port}"
    CSRF_COOKIE_NAME = f"csrftoken_{port}"
