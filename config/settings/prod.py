"""Behind a TLS proxy, with servers and secrets given by the environment; nothing has a default that is secret."""

from __future__ import annotations

from config import env
from config.env import WrongEnvironment
from config.settings.base import *  # noqa: F403
from config.settings.base import (
    DATABASES,
    GEZHI_FIELD_KEYS,
    GEZHI_WEBHOOK_SECRET,
    GEZHI_WEBHOOK_URL,
    REDIS_URL,
    SECRET_KEY,
)

for name, value in {
    "DATABASE_URL": DATABASES,
    "REDIS_URL": REDIS_URL,
    "GEZHI_SECRET_KEY": SECRET_KEY,
    "GEZHI_FIELD_KEYS": GEZHI_FIELD_KEYS,
}.items():
    if not value:
        raise WrongEnvironment(f"{name} must be set")

GEZHI_PRODUCTION = True

if GEZHI_WEBHOOK_URL and not GEZHI_WEBHOOK_SECRET:
    raise WrongEnvironment("GEZHI_WEBHOOK_SECRET must be set where GEZHI_WEBHOOK_URL is")

SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = env.flag("GEZHI_SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = env.number("GEZHI_HSTS_SECONDS", 3600)

EMAIL_HOST = env.text("GEZHI_EMAIL_HOST", "localhost")
EMAIL_PORT = env.number("GEZHI_EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("GEZHI_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = env.secret("GEZHI_EMAIL_PASSWORD") or ""
EMAIL_USE_TLS = env.flag("GEZHI_EMAIL_TLS")
DEFAULT_FROM_EMAIL = env.text("GEZHI_EMAIL_FROM", "gezhi@localhost")
