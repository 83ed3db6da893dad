"""The tests: own private servers under var/test, cheap password hashes, mail kept in memory."""

from __future__ import annotations

import os

from config import servers

os.environ.setdefault("GEZHI_VAR", str(servers.BASE_DIR / "var" / "test"))
servers.ensure()

from config.settings.base import *  # noqa: E402, F403
from config.settings.base import DATABASES  # noqa: E402

SECRET_KEY = "only-for-tests-" + "x" * 40
GEZHI_FIELD_KEYS = ["dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk="]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DATABASES["default"]["TEST"] = {"NAME": f"test_{os.getpid()}"}
