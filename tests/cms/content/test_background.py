"""Work beside the requests: once at a time, and what fails is tried again."""

import logging
import threading

import pytest
from django.db import DatabaseError

from cms.content import background
from cms.content.background import BackgroundTask


@pytest.fixture(autouse=True)
def web_process(monkeypatch, settings):
    """A process that answers requests, whose threads leave the test's connection to the database open."""
    monkeypatch.setattr(background.connection, "close", lambda: None)
    monkeypatch.setattr(background, "serving", threading.Event())
    background.serving.set()
    settings.BACKGROUND_TASKS = True


@pytest.fixture
def task():
    """A task that runs until the test says so, with the number of times it began."""
    go_on, began = threading.Event(), threading.Semaphore(0)

    def function():
        began.release()
        go_on.wait(10)

    task = BackgroundTask("a task", function)
    task.go_on, task.began = go_on, began
    yield task
    go_on.set()


def end(task: BackgroundTask) -> None:
    """Let the task end and wait until it has."""
    task.go_on.set()
    assert task.running.acquire(timeout=10)
    task.running.release()


def test_task_runs_beside_the_caller(task):
    task.start()
    assert task.began.acquire(timeout=10)
    end(task)


def test_task_holds_up_no_process_that_ends():
    found = []
    task = BackgroundTask("a task", lambda: found.append(threading.current_thread()))
    task.start()
    assert task.running.acquire(timeout=10)
    assert [(thread.name, thread.daemon) for thread in found] == [("a task", True)]


def test_task_that_runs_is_not_started_again(task):
    task.start()
    task.start()
    assert task.began.acquire(timeout=10)
    end(task)
    assert not task.began.acquire(blocking=False)


def test_task_that_ended_may_start_again(task):
    for _ in range(2):
        task.start()
        assert task.began.acquire(timeout=10)
        end(task)


def test_command_starts_no_task(task):
    background.serving.clear()
    task.start()
    assert not task.running.locked()


def test_switched_off_no_task_starts(task, settings):
    settings.BACKGROUND_TASKS = False
    task.start()
    assert not task.running.locked()


@pytest.mark.parametrize("error", [DatabaseError, OSError])
def test_task_that_fails_is_logged_and_may_start_again(caplog, error):
    def fail():
        raise error

    task = BackgroundTask("a task", fail)
    task.running.acquire()
    with caplog.at_level(logging.ERROR):
        task.work()
    assert "a task stopped" in caplog.text
    assert not task.running.locked()
