"""What every way of running shares. Values of a place come from the environment (config/env.py)."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from config import env, layout

BASE_DIR = Path(__file__).resolve().parents[2]
VAR = layout.var_folder()

SECRET_KEY = env.secret("GEZHI_SECRET_KEY") or ""
DEBUG = False
ALLOWED_HOSTS = env.words("GEZHI_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("GEZHI_ORIGINS")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "template_partials",
    "grids",
    "accounts",
    "cases",
    "incidents",
    "whistle",
    "mediation",
    "oversight",
    "config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.PostMiddleware",
    "cases.pages.DomainErrorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cases.context.frame",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES: dict[str, Any] = {}
if "DATABASE_URL" in os.environ:
    DATABASES = {"default": env.database(os.environ["DATABASE_URL"])}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = os.environ.get("REDIS_URL", "")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "name", "email", "phone"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.passwords.KindsOfCharactersValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("GEZHI_STATIC_ROOT") or VAR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "config.finders.VendorFinder",
]
GEZHI_NODE_MODULES = BASE_DIR / "node_modules"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = VAR / "media"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:", *env.words("GEZHI_TILE_HOSTS")],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "cases.pages.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.TokenAuthentication",
        "accounts.authentication.PostSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PARSER_CLASSES": [
        "cases.api_body.StrictJSONParser",
        "rest_framework.parsers.MultiPartParser",
        "rest_framework.parsers.FormParser",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "cases.api_errors.exception_handler",
    "DEFAULT_THROTTLE_RATES": {"token": "20/min"},
}
SPECTACULAR_SETTINGS = {
    "TITLE": "格治 Gezhi",
    "VERSION": "1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    # Sets of the same name in several kinds of case, told apart.
    "ENUM_NAME_OVERRIDES": {
        "IncidentState": "incidents.workflow.STATES",
        "WhistleState": "whistle.workflow.STATES",
        "SummonsState": "whistle.workflow.SUMMONS_STATES",
        "TaskState": "whistle.workflow.TASK_STATES",
        "NegativeEntryState": "whistle.workflow.ENTRY_STATES",
        "IncidentDuty": "incidents.workflow.DUTIES",
        "WhistleDuty": "whistle.workflow.DUTIES",
        "WhistleLevel": "whistle.models.Level.choices",
        "MediationState": "mediation.workflow.STATES",
        "PartyState": "mediation.workflow.PARTY_STATES",
        "AttemptState": "mediation.workflow.ATTEMPT_STATES",
        "SessionState": "mediation.workflow.SESSION_STATES",
        "PromiseState": "mediation.workflow.PROMISE_STATES",
        "ConfirmationState": "mediation.workflow.CONFIRMATION_STATES",
        "SubsidyState": "mediation.workflow.SUBSIDY_STATES",
        "IncidentSource": "incidents.models.Source.choices",
        "WhistleKind": "whistle.models.Kind.choices",
        "MediationKind": "mediation.choices.Kind.choices",
        "MediationSource": "mediation.choices.Source.choices",
        "PartyKind": "mediation.choices.PartyKind.choices",
        "SessionKind": "mediation.choices.SessionKind.choices",
        "MaterialKind": "mediation.choices.MaterialKind.choices",
        "MediationDuty": "mediation.workflow.DUTIES",
        "DivisionLevel": "grids.models.DivisionLevel.choices",
    },
}

AXES_FAILURE_LIMIT = env.number("GEZHI_LOGIN_FAILURES", 5)
AXES_COOLOFF_TIME = timedelta(minutes=env.number("GEZHI_LOGIN_LOCK_MINUTES", 15))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "accounts.lockout.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ACCESS_FAILURE_LOG = True
AXES_VERBOSE = False
ONE_TIME_LINK_HOURS = env.number("GEZHI_ONE_TIME_LINK_HOURS", 24)
API_TOKEN_DAYS = env.number("GEZHI_API_TOKEN_DAYS", 30)

# Where offices work: nothing may be made up there.
GEZHI_PRODUCTION = False

# --- the place and its rules
GEZHI_CITY_CODE = os.environ.get("GEZHI_CITY_CODE", "360981000000")
GEZHI_REMIND_SHARE = 0.7  # domain rules, section 4: a reminder at 70 % of the time at first
# Times, marks and the duty catalogue of whistles: three tables (data/whistle/README.md).
GEZHI_WHISTLE_TABLES = Path(os.environ.get("GEZHI_WHISTLE_TABLES") or BASE_DIR / "data" / "whistle")
# Times, subsidies, fields of experts and papers of mediation: four tables (data/mediation/README.md).
GEZHI_MEDIATION_TABLES = Path(os.environ.get("GEZHI_MEDIATION_TABLES") or BASE_DIR / "data" / "mediation")
# Weights of the rankings: a table (data/oversight/README.md).
GEZHI_OVERSIGHT_TABLES = Path(os.environ.get("GEZHI_OVERSIGHT_TABLES") or BASE_DIR / "data" / "oversight")
GEZHI_REOPEN_DAYS = env.number("GEZHI_REOPEN_DAYS", 15)
GEZHI_RETENTION_DAYS = env.number("GEZHI_RETENTION_DAYS", 1095)
GEZHI_FIELD_KEYS = [key for key in (env.secret("GEZHI_FIELD_KEYS") or "").split(",") if key]
GEZHI_WEBHOOK_URL = os.environ.get("GEZHI_WEBHOOK_URL", "")
GEZHI_WEBHOOK_SECRET = env.secret("GEZHI_WEBHOOK_SECRET") or ""
GEZHI_MAX_UPLOAD_BYTES = env.number("GEZHI_MAX_UPLOAD_MB", 10) * 1024 * 1024
GEZHI_MAX_PIXELS = env.number("GEZHI_MAX_MEGAPIXELS", 65) * 1_000_000
GEZHI_BASE_URL = os.environ.get("GEZHI_BASE_URL", "http://localhost:8000")
# Map tiles: none by default. Their hosts must stand in GEZHI_TILE_HOSTS too, for the browser to load them.
GEZHI_TILE_URL = os.environ.get("GEZHI_TILE_URL", "")
GEZHI_TILE_ATTRIBUTION = os.environ.get("GEZHI_TILE_ATTRIBUTION", "")
GEZHI_TILE_DATUM = os.environ.get("GEZHI_TILE_DATUM", "wgs84")
GEZHI_MAP_APPROVAL = os.environ.get("GEZHI_MAP_APPROVAL", "")
# Web and worker connect as this role; migrate and apply_grants as the owner (GEZHI_OWNER_DATABASE_URL).
GEZHI_APP_ROLE = os.environ.get("GEZHI_APP_ROLE", "gezhi_app")

# Celery: no result store, no ETA; a lost message is made up by the next beat.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a broker that is away is waited for
CELERY_BROKER_CHANNEL_ERROR_RETRY = True
CELERY_WORKER_POOL = "solo"  # one process, one task at a time: workers are multiplied by queue, not inside
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
