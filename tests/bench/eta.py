"""For comparison: as many plain Celery tasks with an ETA, on a private broker of their own; a worker killed in the middle.

Times are scaled down alike: where production has ends days away and the broker's usual visibility timeout of an hour,
here it is seconds, and the client looks for tasks past it at every turn of ten seconds instead of every tenth. A task
that waits longer than the timeout is handed out again while the first worker still has it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import redis
from celery import Celery
from kombu.transport.redis import Channel, QoS

from config import valkey
from config.layout import BASE_DIR, layout

SOCKET = os.environ.get("GEZHI_BENCH_BROKER", "")
TIMEOUT = 10  # seconds; stands for the hour that is usual
FIRST, LAST = 10.0, 40.0  # seconds ahead: ends one to four timeouts away
QUIET = 25.0  # seconds without any task done after the last ETA: what is handed out again has had its time
MOST = 60.0  # seconds after the last ETA


class Looking(QoS):
    """Looks for tasks past the timeout at every turn, not at every tenth."""

    def restore_visible(self, start: int = 0, num: int = 10, interval: int = 1) -> None:
        super().restore_visible(start, num, interval)


Channel.QoS = Looking
app = Celery("eta", broker=f"redis+socket://{SOCKET}")
app.conf.update(
    broker_transport_options={"visibility_timeout": TIMEOUT},
    task_ignore_result=True,
    task_default_queue="eta",
    worker_pool="solo",
    broker_connection_retry_on_startup=True,
)


@app.task(name="bench.end")
def end(number: int) -> None:
    """What a deadline would do: here it is only counted."""
    redis.Redis(unix_socket_path=SOCKET, db=1).hincrby("done", str(number), 1)


@contextmanager
def broker() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="gezhi-eta-"))
    place = layout(folder)
    valkey.start(place)
    try:
        yield str(place.valkey_socket)
    finally:
        valkey.stop(place)
        shutil.rmtree(place.home, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def worker(name: str, socket: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "celery", "--app", "tests.bench.eta", "worker", "--hostname", f"{name}@bench",
               "--loglevel", "error", "--without-gossip", "--without-mingle"]  # fmt: skip
    return subprocess.Popen(
        command, cwd=BASE_DIR, env=os.environ | {"GEZHI_BENCH_BROKER": socket}, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def compare(count: int) -> str:
    """Run it; in one line how many tasks were done never and how many more than once."""
    with broker() as socket:
        workers = [worker("one", socket), worker("two", socket)]
        try:
            done = run(count, socket, workers)
        finally:
            for process in workers:
                process.kill()
                process.wait(10)
    lost, doubled = count - len(done), sum(times > 1 for times in done.values())
    return (
        f"for comparison, {count:,} plain Celery ETA tasks {FIRST:.0f} to {LAST:.0f} s ahead, visibility timeout scaled "
        f"down to {TIMEOUT} s, one of two workers killed and replaced: {lost} never done within "
        f"{MOST:.0f} s, {doubled} done more than once"
    )


def run(count: int, socket: str, workers: list[subprocess.Popen[bytes]]) -> dict[str, int]:
    """Send all, kill one worker half way and start another in its place; how often each task was done."""
    counted = redis.Redis(unix_socket_path=socket, db=1)
    began = datetime.now(UTC)
    sender = Celery("sender", broker=f"redis+socket://{socket}")
    with sender.connection_for_write() as connection:
        producer = connection.Producer()
        for number in range(count):
            at = began + timedelta(seconds=FIRST + (LAST - FIRST) * number / count)
            sender.send_task("bench.end", [number], eta=at, queue="eta", producer=producer)
    time.sleep(max(0.0, (LAST + FIRST) / 2 - (datetime.now(UTC) - began).total_seconds()))
    workers[0].send_signal(signal.SIGKILL)
    workers[0].wait(10)
    workers.append(worker("three", socket))
    wait_until_quiet(counted, began + timedelta(seconds=LAST))
    return {str(number): int(times) for number, times in counted.hgetall("done").items()}


def wait_until_quiet(counted: redis.Redis, last: datetime) -> None:
    """Until some time after the last ETA and after the last task that was done, whichever is later."""
    done, since = 0, last
    while (now := datetime.now(UTC)) < min(since + timedelta(seconds=QUIET), last + timedelta(seconds=MOST)):
        if (seen := sum(map(int, counted.hvals("done")))) > done:
            done, since = seen, max(now, last)
        time.sleep(1)
