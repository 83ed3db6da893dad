"""How the web process is served, here and in containers: `gunicorn --config config/gunicorn.py config.wsgi`.

Threads, so that a slow telephone that sends photos holds up one request and not a process. The names are gunicorn's.
"""

from __future__ import annotations

import os
from pathlib import Path

from config import env

workers = env.number("GEZHI_WEB_WORKERS", 2)
threads = env.number("GEZHI_WEB_THREADS", 8)
preload_app = True  # read once, then forked: half the time and memory of a start
timeout = 60
graceful_timeout = 8
keepalive = 5
limit_request_line = 8190  # a filtered list's address may be long
limit_request_fields = 100
# The signs of life of a worker: in memory where there is a place for it, so that a busy disk kills nobody.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() and os.access("/dev/shm", os.W_OK) else None
control_socket_disable = True
# Without the query: what somebody searched for is nobody's business, and may be a name.
accesslog = "-"
access_log_format = '%(t)s %(h)s "%(m)s %(U)s" %(s)s %(b)s %(M)sms'
