"""All settings of the site, read from the environment.

Development is the default: it needs nothing, keeps its database, files and secret key under ``var/``, and says
that it is development. ``ENVIRONMENT=production`` starts only when everything a public site needs is there.
``docs/operators.md`` lists every variable.
"""

import secrets
import tomllib
from pathlib import Path
from zoneinfo import available_timezones

import environ
from csp.constants import NONCE, NONE, SELF
from django.conf.locale import LANG_INFO
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from whitenoise.compress import Compressor

from strategy_site.environment import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

environ.Env.read_env(BASE_DIR / ".env")
env = Environment()

ENVIRONMENT = env.choice("ENVIRONMENT", ["development", "production"], "development")
PRODUCTION = ENVIRONMENT == "production"

# What a public site cannot run without, each with the hint that is shown when it is missing.
PRODUCTION_REQUIREMENTS = {
    "SECRET_KEY": "a long random string: python -c 'import secrets; print(secrets.token_urlsafe(50))'",
    "ALLOWED_HOSTS": "the host names the site answers to, separated by commas: strategy.example.org",
    "SITE_URL": "the public address of the site, without a slash at the end: https://strategy.example.org",
    "VAR_DIR": "the folder for database, uploaded and collected files: /var/lib/strategy-site",
    "EMAIL_URL": "the mail server: smtp+tls://user:password@mail.example.org:587, or dummymail:// to send nothing",
    "DEFAULT_FROM_EMAIL": "the sender of the site's e-mail: strategy-site@example.org",
}
if PRODUCTION:
    missing = [name for name in PRODUCTION_REQUIREMENTS if not env.text(name)]
    if missing:
        hints = "\n".join(f"  {name}: {PRODUCTION_REQUIREMENTS[name]}" for name in missing)
        raise ImproperlyConfigured(f"ENVIRONMENT=production needs these environment variables:\n{hints}")

DEBUG = env.boolean("DEBUG", default=False)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DEBUG shows secrets to every visitor: unset it when ENVIRONMENT=production.")

VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var"))).absolute()
try:
    VAR_DIR.mkdir(parents=True, exist_ok=True)
except OSError as error:
    raise ImproperlyConfigured(f"VAR_DIR is {str(VAR_DIR)!r}, which cannot be made: {error.strerror}.") from None


def development_secret_key() -> str:
    """Return this checkout's own random key, made once and kept in ``VAR_DIR`` so that logins survive a restart."""
    path = VAR_DIR / "secret_key"
    try:
        with path.open("x") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return path.read_text().strip() or secrets.token_urlsafe(50)


SECRET_KEY = env.text("SECRET_KEY") or development_secret_key()
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5:  # Django's own measure, security.W009
    raise ImproperlyConfigured(f"SECRET_KEY is too easy to guess; set it to {PRODUCTION_REQUIREMENTS['SECRET_KEY']}")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")  # former keys: what they signed stays valid
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
if PRODUCTION and "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured(f"ALLOWED_HOSTS is '*'; set it to {PRODUCTION_REQUIREMENTS['ALLOWED_HOSTS']}")
SITE_URL = env.site_url("SITE_URL", f"http://127.0.0.1:{env.integer('PORT', 8000)}")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", [SITE_URL])

# --- Applications ------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "strategy_site.apps.StrategySiteConfig",
    "modeltranslation",  # before the admin, whose classes it extends
    "strategy_site.apps.StrategyAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "axes",
    "csp",
    "django_filters",
    "django_prose_editor",
    "drf_spectacular",
    "js_asset",
    "rest_framework",
    # From the ground up: an app imports only from those before it (tests/test_floors.py).
    "cms.content",
    "cms.publishing",
    "cms.translations",
    "cms.pages",
    "cms.search",
    "cms.api",
    "cms.webhooks",
    "cms.packages",
    "cms.editing",
    "regions",
    "priorities",
    "partners",
    "renditions",
]

MIDDLEWARE = [
    # Around all: what an error page, the log and an alarm call the request, and what is asked about this process.
    "cms.api.request_ids.RequestIdMiddleware",
    "strategy_site.probes.ProbesMiddleware",
    # The policies come first, so that redirects, static files and errors carry them too.
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "cms.api.middleware.ApiMiddleware",  # under /api/: limits, and errors of all that follow as problems
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "strategy_site.request_limits.RequestLimitsMiddleware",  # before what reads cookies and forms
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "cms.publishing.middleware.PublishDueMiddleware",
    "cms.webhooks.background.WebhookMiddleware",
    "axes.middleware.AxesMiddleware",  # last, as its documentation asks
]

ROOT_URLCONF = "strategy_site.urls"
HEALTH_PATH = "/healthz"  # answered whatever else is away
METRICS_TOKEN = env.text("METRICS_TOKEN")  # else /metrics answers this machine alone
BACKUP_HOURS = env.integer("BACKUP_HOURS", 26)  # older than so many, the last backup is a warning; 0: never
WSGI_APPLICATION = "strategy_site.wsgi.application"

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
                "strategy_site.context_processors.site",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Database, cache, files --------------------------------------------------------------------------------------

DATABASES = {"default": env.database("DATABASE_URL", f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
DATABASE = DATABASES["default"]
if DATABASE["ENGINE"] == "django.db.backends.sqlite3":
    # Writers wait for each other instead of failing; readers never wait (https://sqlite.org/wal.html).
    DATABASE.setdefault("OPTIONS", {}).update(
        transaction_mode="IMMEDIATE",
        timeout=20,
        init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=134217728;",
    )
    DATABASE["CONN_MAX_AGE"] = None
else:
    # A request that waits for a database which is away holds a thread that others wait for, /healthz among them.
    # After an outage the pool is not to wait longer and longer before it tries again: it gives up soon, and the next
    # request tries. A host that vanished is noticed by the network's own means (tcp(7); times in seconds, the last
    # one in milliseconds).
    POOL = {"min_size": 1, "max_size": 8, "timeout": 2, "reconnect_timeout": 5}
    TIMES = {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
    DATABASE["OPTIONS"] = {"pool": POOL, **TIMES, "tcp_user_timeout": 25_000, **DATABASE.get("OPTIONS", {})}
    DATABASE["CONN_HEALTH_CHECKS"] = True  # a restarted server costs no request
    DATABASE["CONN_MAX_AGE"] = 0  # the pool keeps the connections
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL")
if REDIS_URL and not REDIS_URL.startswith(("redis://", "rediss://", "unix://")):
    raise ImproperlyConfigured("REDIS_URL must start with redis://, rediss:// or unix://.")
CACHES = {
    "default": {"BACKEND": "strategy_site.cache.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# Stored pages (cms/pages/stored/): what each worker keeps in memory, and the machine on disk; 0 is nothing.
STORED_PAGES_MB = env.integer("STORED_PAGES_MB", 64)
STORED_PAGES_DISK_MB = env.integer("STORED_PAGES_DISK_MB", 1024)
STORED_PAGES_ROOT = VAR_DIR / "stored_pages"  # may be deleted at any time
# Caches in front that are told what is stale, and for how many seconds they need not ask; none: they always ask.
CACHE_PURGE_URLS = env.words("CACHE_PURGE_URLS")
CACHE_SECONDS = env.integer("CACHE_SECONDS", 600)
# Seconds for which a worker does not ask anew whether something was published; 0 is exact.
STORED_PAGES_RECHECK = env.seconds("STORED_PAGES_RECHECK", 0.0, most=1.0)

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise warns of a folder that is not there yet
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR_DIR / "media"
MEDIA_URL = "/media/"  # never served as a folder: every file has a view that asks whether its item is live
CHANGE_LOG_MARK = (
    VAR_DIR / "change_log.json"
)  # how a database that was put back is noticed (cms/publishing/log_mark.py)
GENERATED_ROOT = VAR_DIR / "generated"  # documents made from live content; may be deleted at any time
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "strategy_site.storage.BundledStaticFilesStorage"},
}
# Source maps serve developers alone and are the largest files: compressing them took half of the first start.
# Pages name files by the hash of what is in them alone, so nothing asks for the others.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"]
FILE_UPLOAD_PERMISSIONS = 0o644
MAX_DOCUMENT_BYTES = env.integer("MAX_DOCUMENT_BYTES", 50 * 1024 * 1024)
MAX_IMAGE_BYTES = env.integer("MAX_IMAGE_BYTES", 10 * 1024 * 1024)
UPLOAD_SCANNER = env.command("UPLOAD_SCANNER")  # that each upload must pass (cms/content/scanning.py)
UPLOAD_SCANNER_SECONDS = env.integer("UPLOAD_SCANNER_SECONDS", 60)
# A strategy's form holds outline, documents and areas, and may hold the whole text, in every language.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024  # bytes, files not counted

# --- Languages ---------------------------------------------------------------------------------------------------

USE_I18N = True
# Languages that the database has columns for in every installation; more may be added by LANGUAGES.
BASE_LANGUAGES = ["en", "es", "fr", "pt"]
LANGUAGE_CODES = list(dict.fromkeys(env.words("LANGUAGES", BASE_LANGUAGES)))
unknown = [code for code in LANGUAGE_CODES if "name" not in LANG_INFO.get(code, {})]
if unknown:
    raise ImproperlyConfigured(f"LANGUAGES: {unknown} unknown to Django; use codes such as en,es,fr,pt,ar.")
LANGUAGES = [(code, _(LANG_INFO[code]["name"])) for code in LANGUAGE_CODES]
LANGUAGE_CODE = LANGUAGE_CODES[0]  # the default language is the first one
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["strategy_site.formats"]

MODELTRANSLATION_LANGUAGES = list(dict.fromkeys([*LANGUAGE_CODES, *BASE_LANGUAGES]))
MODELTRANSLATION_DEFAULT_LANGUAGE = LANGUAGE_CODE
MODELTRANSLATION_FALLBACK_LANGUAGES = {
    "default": tuple(LANGUAGE_CODES),
    **{code: (base,) for code in LANGUAGE_CODES if (base := code.split("-")[0]) != code and base in LANGUAGE_CODES},
}
JQUERY_URL = ""
JQUERY_UI_URL = "vendor/jquery-ui/jquery-ui.min.js"

USE_TZ = True
TIME_ZONE = env.text("TIME_ZONE", "UTC")
if TIME_ZONE not in available_timezones():
    raise ImproperlyConfigured(f"TIME_ZONE is {TIME_ZONE!r}; set it to a name such as Europe/Zurich.")

# --- Publishing ---------------------------------------------------------------------------------------------------

PUBLISHING_SCOPE_MODEL = "regions.Office"  # roles are given for a row of it and all below it, by its field "parent"
PUBLISHING_TOPIC_MODEL = "priorities.Pillar"  # the search counts its results by it, beside type and scope
# Nobody approves or publishes what they wrote or submitted themselves.
REVIEW_BY_ANOTHER_PERSON = env.boolean("REVIEW_BY_ANOTHER_PERSON", default=False)
# The class that translates by machine (docs/machine-translation.md); empty: no text leaves the site.
MACHINE_TRANSLATION = env.text("MACHINE_TRANSLATION", "")
# What a machine made may be published before a person has reviewed it; readers and partners are told.
PUBLISH_MACHINE_TRANSLATION = env.boolean("PUBLISH_MACHINE_TRANSLATION", default=False)
# A page says beside its title when its translation is behind the text that it was made from.
OUTDATED_NOTICE = env.boolean("OUTDATED_NOTICE", default=True)
PREVIEW_LINK_DAYS = env.integer("PREVIEW_LINK_DAYS", 7)

# --- Accounts ----------------------------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},  # NIST SP 800-63B: length protects, composition rules do not
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# Five wrong passwords for one name from one address, or network of IPv6, close that pair for a quarter of an hour.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "strategy_site.lockout.lockout_response"
AXES_CLIENT_IP_CALLABLE = "strategy_site.proxies.client_network"
AXES_DISABLE_ACCESS_LOG = True  # who logged in is in the audit trail, without an address
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False  # log-ins are in the audit trail; people's own list opens a closed login

EMAIL_CONFIG = env.mail("EMAIL_URL", "consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10  # seconds; what was scheduled is told by mail while a page is made, and no page may hang
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "strategy-site@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_SUBJECT_PREFIX = "[strategy site] "
ADMINS = [("", address) for address in env.words("ADMINS")]  # told of errors by e-mail

# --- Security ----------------------------------------------------------------------------------------------------

# One policy for every page. A nonce is sent only where a template asks for one (the admin's editor): public
# pages carry none, so one stored copy can serve every reader.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# Which sites may show the pages that are made to be embedded in a frame, and only those pages; empty: none.
EMBED_ANCESTORS = env.words("EMBED_ANCESTORS", ["*"])
if EMBED_ANCESTORS in (["none"], [NONE]):
    EMBED_ANCESTORS = []
PERMISSIONS_POLICY = {
    feature: []
    for feature in (
        "accelerometer",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
CSRF_FAILURE_VIEW = "strategy_site.errors.csrf_failure"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
# How many proxies of ours stand in front; what they forward is believed, and nothing further out (proxies.py).
TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXY_COUNT", 0)
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.boolean("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [f"^{HEALTH_PATH[1:]}$"]  # asked by load balancers from inside
    SECURE_HSTS_SECONDS = env.integer("SECURE_HSTS_SECONDS", 365 * 24 * 60 * 60)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.boolean("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=True)
    SECURE_HSTS_PRELOAD = env.boolean("SECURE_HSTS_PRELOAD", default=True)
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    if TRUSTED_PROXY_COUNT:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- API ---------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],  # the API is public and read-only
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [],
    "DEFAULT_SCHEMA_CLASS": "cms.api.openapi.ContentAutoSchema",
    "EXCEPTION_HANDLER": "cms.api.problems.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,  # one format; "format" is an unknown parameter like any other
    "COMPACT_JSON": True,
}
# Deliveries to this machine or its network are a way into it: for development, or partners on the same network.
WEBHOOKS_TO_PRIVATE_ADDRESSES = env.boolean("WEBHOOKS_TO_PRIVATE_ADDRESSES", default=False)
# Off: webhooks wait for ``manage.py deliver_webhooks``, exports for ``manage.py make_export``.
BACKGROUND_TASKS = env.boolean("BACKGROUND_TASKS", default=True)
# A copy of the content that has not asked for so long is told to start over from an export.
API_CHANGES_DAYS = env.integer("API_CHANGES_DAYS", 365)
API_PATH = "/api/"  # errors below it are problem details (RFC 9457), never pages
API_ANONYMOUS_QUOTA = env.integer("API_ANONYMOUS_QUOTA", 600)  # requests a minute and address; 0 is no limit
API_KEY_QUOTA = env.integer("API_KEY_QUOTA", 3000)  # requests a minute and key that has no limit of its own
API_COUNTERS = "cache" if REDIS_URL else "database"  # where requests are counted, for all processes
CLIENT_ADDRESS = "strategy_site.proxies.client_address"
CONTENT_LICENCE_URL = env.text("CONTENT_LICENCE_URL")  # of what the site publishes
SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.0",
    "TITLE": _("Content of the strategy site"),
    "DESCRIPTION": _("Read-only access to everything that the site publishes, in each of its languages."),
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVERS": [{"url": SITE_URL, "description": _("This site")}],
    "CONTACT": {"name": _("The publisher of the site"), "url": f"{SITE_URL}{API_PATH}v1/docs/"},
    "LICENSE": {
        "name": _("Licence of the content"),
        "url": CONTENT_LICENCE_URL or f"{SITE_URL}{API_PATH}v1/docs/#licence",
    },
    "SECURITY": [{}, {"key": []}],  # without a key too
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "key": {
                "type": "http",
                "scheme": "bearer",
                "description": _("A key from the publisher of the site; with one more requests are answered."),
            }
        }
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "cms.api.openapi_sharing.share_repeated_parts",
        "cms.webhooks.openapi.add_webhooks",
    ],
    "DISABLE_DOCSTRING_DESCRIPTIONS": True,  # those are for developers of the site
    "ENUM_NAME_OVERRIDES": {
        "OfficeKind": "regions.models.Office.Kind",
        "PillarIcon": "priorities.models.Pillar.Icon",
        "ThematicAreaRole": "priorities.models.StrategyThematicArea.Kind",
        "ObjectiveKind": "priorities.models.Objective.Kind",
        "AlignmentBasis": "priorities.models.Alignment.Basis",
        "PartnerKind": "partners.models.Partner.Kind",
        "PartnershipRole": "partners.models.Partnership.Role",
    },
}

# --- Logging -----------------------------------------------------------------------------------------------------

# Everything goes to standard error, errors with their traceback. Neither log nor mail holds a reader's address,
# cookies or what was sent: errors are mailed as tracebacks without variables, log-in attempts stay in the admin.
LOG_FORMAT = env.choice("LOG_FORMAT", ["line", "json"], "line")
LOGGING: dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "cms.api.request_ids.RequestIdFilter"}},
    "formatters": {
        "json": {"()": "strategy_site.error_reports.JsonFormatter"},
        "line": {
            "class": "strategy_site.error_reports.QuietFormatter",
            "format": "{asctime} {levelname} {name} [{request_id}]: {message}",
            "style": "{",
        },
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["request_id"]},
        "mail": {
            "class": "strategy_site.alarms.AlarmHandler",
            "level": "ERROR",
        },
    },
    "root": {
        "handlers": ["console", "mail"],
        "level": env.choice("LOG_LEVEL", ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], "WARNING"),
    },
    "loggers": {
        "axes": {"level": "ERROR"},
        "django": {"handlers": []},  # the root's handlers do
        "django.request": {"level": "ERROR"},  # a page that does not exist is no event
        "django.security.DisallowedHost": {"level": "CRITICAL"},  # scanners send them all day
    },
}

# A class of ``logging.Handler`` that hears of every error too: what a service for errors brings with it.
if ERROR_HANDLER := env.text("ERROR_HANDLER"):
    LOGGING["handlers"]["reporter"] = {"class": ERROR_HANDLER, "level": "ERROR", "filters": ["request_id"]}
    LOGGING["root"]["handlers"].append("reporter")
