"""Jobs for the tests of the runner: what a child is asked to do there."""

import json
import os
import socket
import sqlite3
import subprocess
import time

from cms.content.contained import Refused


def echo(arguments, files):
    return arguments["a"].encode() + files["file"]


def environment(_arguments, _files):
    return json.dumps(dict(os.environ)).encode()


DEEDS = {
    "connect": lambda: socket.create_connection(("127.0.0.1", 9)),
    "look_up": lambda: socket.getaddrinfo("example.org", 80),
    "database": lambda: sqlite3.connect(":memory:"),
    "program": lambda: subprocess.run(["true"], check=False),  # noqa: S607 - it is refused
    "shell": lambda: os.system("true"),  # noqa: S605, S607 - it is refused
    "fork": os.fork,
}


def attempt(arguments, _files):
    try:
        DEEDS[arguments["deed"]]()
    except PermissionError as error:
        return b"refused" if "contained" in str(error) else b"failed"
    return b"done"


def sleep(_arguments, _files):
    time.sleep(60)


def loop(_arguments, _files):
    while True:
        pass


def fill_memory(arguments, _files):
    return bytes(arguments.get("size", 2**33))[:0]


def no_memory(_arguments, _files):
    raise MemoryError


def end(_arguments, _files):
    os._exit(3)


def answer_nonsense(_arguments, _files):
    for descriptor in range(3, 10):
        try:
            os.write(descriptor, b"\xff" * 64)
        except OSError:
            continue
    os._exit(0)


def recurse(arguments, files):
    return recurse(arguments, files)


def refuse(_arguments, _files):
    raise Refused("colour", "red")
