"""The killable runner: what its child may not do, what becomes of a job that breaks, and that the next is done."""

import io
import json
import os
import threading
import time

import pytest

from cms.content import contained, runner
from cms.content.contained import done, receive, send, work
from cms.content.runner import Busy, Refused, Runner

JOBS = "tests.cms.content.jobs"


@pytest.fixture(scope="module")
def hired():
    found = Runner("tests", JOBS)
    yield found
    found.stop()


def test_job_is_given_arguments_and_files_and_gives_bytes(hired):
    assert hired.run(f"{JOBS}:echo", {"a": "é"}, {"file": b"\0content"}) == b"\xc3\xa9\0content"


def test_child_has_no_secret_in_its_environment(hired, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "planted")
    monkeypatch.setenv("DATABASE_URL", "postgres://planted")
    hired.stop()
    assert set(json.loads(hired.run(f"{JOBS}:environment", {}))) <= {
        *(*runner.KEPT, "PYTHONUTF8", "PYTHONDONTWRITEBYTECODE", "LC_CTYPE", "PWD"),
        *(name for name in os.environ if name.startswith(runner.KEPT_PREFIXES)),
    }


@pytest.mark.parametrize("deed", ["connect", "look_up", "database", "program", "shell", "fork"])
def test_child_may_not(hired, deed):
    assert hired.run(f"{JOBS}:attempt", {"deed": deed}) == b"refused"


@pytest.mark.parametrize("job", ["sleep", "loop"])
def test_job_that_takes_too_long_is_killed_and_the_next_is_done(hired, monkeypatch, job):
    hired.run(f"{JOBS}:echo", {"a": "warm"}, {"file": b""})
    child = hired.running()
    began = time.monotonic()
    with monkeypatch.context() as short:
        short.setattr(hired, "seconds", 0.3)
        with pytest.raises(Refused, match="time"):
            hired.run_in_turn(f"{JOBS}:{job}", {})
    assert time.monotonic() - began < 2
    assert child.poll() is not None
    assert hired.run(f"{JOBS}:echo", {"a": "b"}, {"file": b""}) == b"b"


@pytest.mark.parametrize("job", ["fill_memory", "end", "answer_nonsense"])
def test_job_that_takes_the_memory_or_ends_the_child_is_told_and_the_next_is_done(hired, job):
    with pytest.raises(Refused, match="memory"):
        hired.run(f"{JOBS}:{job}", {})
    assert hired.run(f"{JOBS}:echo", {"a": "b"}, {"file": b""}) == b"b"


def test_memory_of_a_child_stays_within_its_bounds(hired):
    hired.stop()
    with pytest.raises(Refused, match="memory"):
        hired.run(f"{JOBS}:fill_memory", {"size": runner.MEMORY})
    assert hired.run(f"{JOBS}:fill_memory", {"size": runner.MEMORY // 2}) == b""


def test_fault_of_a_job_is_told_and_the_child_stays(hired):
    child = hired.running()
    with pytest.raises(Refused, match="broken"):
        hired.run(f"{JOBS}:recurse", {})
    assert hired.running() is child


def test_refusal_says_what_of_the_material_it_was(hired):
    with pytest.raises(Refused) as refused:
        hired.run(f"{JOBS}:refuse", {})
    assert (refused.value.reason, refused.value.detail) == ("colour", "red")


def test_child_is_replaced_after_some_jobs(hired, monkeypatch):
    monkeypatch.setattr(runner, "MOST_JOBS", 2)
    hired.stop()
    children = []
    for _each in range(3):
        hired.run(f"{JOBS}:echo", {"a": ""}, {"file": b""})
        children.append(hired.running())
    assert children[0] is not children[1] is children[2]
    assert children[0].poll() is not None


def test_long_line_is_refused_at_once(hired):
    with hired.turn():
        for _each in range(runner.MOST_IN_LINE - 1):
            hired.in_line.acquire()
        with pytest.raises(Busy):
            hired.run(f"{JOBS}:echo", {})
        for _each in range(runner.MOST_IN_LINE - 1):
            hired.in_line.release()


def test_long_wait_is_refused(hired, monkeypatch):
    monkeypatch.setattr(runner, "SECONDS_IN_LINE", 0.05)
    refused = []

    def ask():
        with pytest.raises(Busy):
            hired.run(f"{JOBS}:echo", {})
        refused.append(1)

    with hired.turn():
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    assert refused


def test_work_that_nobody_waits_for_takes_no_place_in_the_line(hired):
    with hired.turn(patient=True):
        assert hired.in_line.acquire(blocking=False)
        hired.in_line.release()


# --- The child, in this process ------------------------------------------------------------------------------------


def answer(job: dict, files: dict | None = None) -> tuple[dict, dict]:
    jobs, answers = io.BytesIO(), io.BytesIO()
    send(jobs, {"arguments": {}, "seconds": 60, **job}, files or {})
    jobs.seek(0)
    work(jobs, answers)
    answers.seek(0)
    return receive(answers)


def test_child_answers_each_job():
    assert answer({"function": f"{JOBS}:echo", "arguments": {"a": "b"}}, {"file": b"c"})[1] == {"content": b"bc"}


@pytest.mark.parametrize(
    ("name", "reason"), [("refuse", "colour"), ("no_memory", "memory"), ("recurse", "broken"), ("missing", "broken")]
)
def test_child_says_why_it_has_nothing(name, reason):
    header, files = done({"function": f"{JOBS}:{name}", "arguments": {}}, {})
    assert (header["reason"], files) == (reason, {})
    assert header.get("trace", "").count("\n") < 30


@pytest.mark.parametrize("content", [b"", b"\0\0", contained.SIZE.pack(9) + b"short"])
def test_message_that_is_cut_off_ends_the_work(content):
    with pytest.raises(EOFError):
        receive(io.BytesIO(content))


def test_message_that_is_too_large_is_not_read():
    with pytest.raises(ValueError, match="Too large"):
        receive(io.BytesIO(contained.SIZE.pack(contained.MOST_BYTES + 1)))
