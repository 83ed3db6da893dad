"""The tests: own private servers under var/test, whatever addresses the environment names."""

from __future__ import annotations

import os

from config import servers

for name in ("DATABASE_URL", "REDIS_URL"):
    os.environ.pop(name, None)
os.environ["GEZHI_VAR"] = os.environ.get("GEZHI_TEST_VAR") or str(servers.BASE_DIR / "var" / "test")
servers.ensure()

from config import env  # noqa: E402
from config.settings.base import *  # noqa: E402, F403

SECRET_KEY = "only-for-tests-" + "x" * 40
GEZHI_FIELD_KEYS = ["dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk="]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# The test database is made and emptied by the superuser; tests of the record's guard act as the web's role.
DATABASES = {"default": env.database(os.environ["GEZHI_SUPERUSER_DATABASE_URL"])}
DATABASES["default"]["TEST"] = {"NAME": f"test_{os.getpid()}"}
# Each of several pytest processes has a database of its own in Valkey too: one may empty its cache.
_number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
CACHES = {**CACHES, "default": {**CACHES["default"], "LOCATION": f"{REDIS_URL}?db={_number}"}}  # noqa: F405
