"""`make run` with real processes: what it keeps alive, what survives, what it refuses."""

from __future__ import annotations

import os
import shutil
import signal
import ssl
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import children
from config.layout import BASE_DIR
from tests.faults.city import in_city
from tests.ops.program import Program, living, patience, running, wait_for

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A short path: sockets lie in it when we are not root."""
    made = Path(tempfile.mkdtemp(prefix="gezhi-ops-"))
    yield made
    for home in made.glob("*/home"):
        shutil.rmtree(home.read_text(encoding="ascii").strip(), ignore_errors=True)
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def program(folder: Path) -> Iterator[Program]:
    with running(folder / "var") as found:
        yield found


def test_it_answers_and_says_where(program: Program) -> None:
    assert f"http://localhost:{program.port}/" in program.output
    assert program.get("/healthz") == (200, "ok")
    assert program.get("/login/")[0] == 200
    assert set(program.pids) == {"web", "worker", "worker2", "counter", "sender", "beat"}
    assert not list(BASE_DIR.glob("*.ctl")) and not list(BASE_DIR.glob("celerybeat*"))


@pytest.mark.parametrize("name", ["web", "worker", "worker2", "counter", "sender", "beat"])
def test_a_killed_child_is_back_within_two_seconds_and_the_log_says_so(program: Program, name: str) -> None:
    old, before = program.pids[name], program.log.count(f"{name} 已停止")
    os.kill(old, signal.SIGKILL)
    took = wait_for(lambda: program.pids[name] != old, 5)
    assert took <= 2.0
    assert program.log.count(f"{name} 已停止") == before + 1
    wait_for(lambda: program.get("/healthz")[0] == 200, 20)
    wait_for(
        lambda: old not in {os.getpgid(pid) for pid in program.tree()}, 3, "nothing of the old one is left"
    )


@pytest.mark.parametrize("number", [0, 1], ids=["postgres", "valkey"])
def test_a_killed_private_server_is_started_again_with_its_data(program: Program, number: int) -> None:
    note = program.layout.data / "postmaster.pid" if number == 0 else program.layout.valkey_data / "pid"
    program.rows("CREATE TABLE IF NOT EXISTS kept AS SELECT 7 AS value")
    os.kill(int(note.read_text().split("\n")[0]), signal.SIGKILL)
    wait_for(lambda: not program.servers_live()[number], 5)
    wait_for(lambda: program.servers_live()[number], 20)
    wait_for(lambda: program.get("/login/")[0] == 200, 20)
    assert program.rows("SELECT value FROM kept") == [(7,)]
    said = f"{['PostgreSQL', 'Valkey'][number]} 已停止，重新启动了 / had ended and was started again"
    wait_for(lambda: said in program.log, 20, "the log says so, once the start is known to have succeeded")


def test_what_is_reported_is_counted_though_the_counter_is_killed(program: Program) -> None:
    """Nobody asks for it: the worker of the sums finds what has grown."""
    asked = "SELECT count(*) FROM oversight_tally WHERE measure = 'reported' AND who = ''"
    os.kill(program.pids["counter"], signal.SIGKILL)
    in_city(program, "incidents", 3, 600, 0)
    took = wait_for(lambda: program.rows(asked) == [(3,)], 60, "all that was reported is counted")
    assert took < 60 and program.rows("SELECT count(*) FROM oversight_stale") == [(0,)]


def test_a_second_run_on_the_same_folder_is_refused(program: Program) -> None:
    second = Program(program.var)
    second.start(20)
    assert second.ended and "Already running here" in second.output
    assert program.get("/healthz")[0] == 200


def test_a_taken_port_is_said_in_a_sentence(program: Program, folder: Path) -> None:
    second = Program(folder / "other", port=program.port)
    second.start(20)
    assert second.ended and f"Port {program.port} is taken" in second.output
    assert "Traceback" not in second.output


@pytest.mark.parametrize("port", ["0", "70000", "abc", "80a"])
def test_a_port_that_is_none_is_said_in_a_sentence(folder: Path, port: str) -> None:
    wrong = Program(folder / "other")
    wrong.environment["PORT"] = port
    wrong.start(20)
    assert wrong.ended and "PORT must be" in wrong.output and "Traceback" not in wrong.output


def test_it_ends_on_one_interrupt_and_starts_quickly_again(program: Program, folder: Path) -> None:
    tree = program.tree()
    assert program.interrupt() == 0
    assert not tree.intersection(living())
    assert program.servers_live() == (False, False)
    assert "Traceback" not in program.output
    again = Program(program.var)
    try:
        assert again.start() < patience(10)
        assert again.get("/login/")[0] == 200
        assert again.rows("SELECT value FROM kept") == [(7,)]
    finally:
        again.interrupt()


def test_killed_itself_it_hinders_no_later_start(folder: Path) -> None:
    with running(folder / "var") as first:
        left = first.tree()
        first.kill_supervisor()
        assert left.intersection(living())
        with running(folder / "var", PORT=str(first.port)) as second:
            assert "ending a leftover process" in second.output
            assert not left.intersection(living())
            assert second.get("/healthz")[0] == 200


def test_data_survive_the_death_of_everything(folder: Path) -> None:
    with running(folder / "var") as first:
        first.rows("INSERT INTO kept VALUES (8)")
        notes = (first.layout.data / "postmaster.pid", first.layout.valkey_data / "pid")
        doomed = [int(note.read_text().split("\n")[0]) for note in notes]
        tree = first.tree()
        first.kill_supervisor()
        for pid in (*tree, *doomed):
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not tree.intersection(living()), 5)
        again = Program(first.var)
        try:
            took = again.start()
            assert took < patience(10)
            assert again.rows("SELECT value FROM kept ORDER BY 1") == [(7,), (8,)]
        finally:
            again.clean_up()


def test_two_runs_side_by_side_do_not_meet(folder: Path) -> None:
    with running(folder / "var") as one, running(folder / "other") as two:
        assert one.get("/healthz")[0] == two.get("/healthz")[0] == 200
        assert one.layout.home != two.layout.home
        assert two.rows("SELECT to_regclass('kept')") == [(None,)]
        two.interrupt()
        assert one.get("/login/")[0] == 200


def test_over_https_cookies_are_secure_and_the_address_is_shown_as_a_code(folder: Path) -> None:
    with running(folder / "var", HTTPS="1") as secure:
        assert "█" in secure.output and f":{secure.port}/" in secure.output
        trust_all = ssl._create_unverified_context()
        address = f"https://127.0.0.1:{secure.port}/login/"
        with urllib.request.urlopen(address, context=trust_all, timeout=10) as answer:
            cookie = answer.headers["Set-Cookie"]
        assert "Secure" in cookie
        assert secure.get("/healthz")[0] == 0  # nothing in the clear


def test_the_screen_of_a_run_may_go_away(folder: Path) -> None:
    program = Program(folder / "other")
    try:
        program.start()
        assert program.process is not None
        program.process.send_signal(signal.SIGHUP)
        assert program.process.wait(30) == 0
        assert program.servers_live() == (False, False)
    finally:
        program.clean_up()


def test_what_is_no_note_of_children_is_passed_over(tmp_path: Path) -> None:
    for text in ("", "[]", '{"web": 3}', '{"web": ["a", "b"]}', "\x00"):
        (tmp_path / "children.json").write_text(text)
        children.end_leftovers(tmp_path / "children.json")
        assert not (tmp_path / "children.json").exists()


def test_a_process_that_took_over_a_number_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "children.json").write_text(f'{{"web": [{os.getpid()}, "another start"]}}')
    children.end_leftovers(tmp_path / "children.json")
    time.sleep(0.1)  # still here
