"""The load generator: connections that each ask again as soon as they are answered, in a process of their own.

``python -m benchmarks.load '{"port": 8000, "path": "/", "headers": {}, "connections": 4, "seconds": 2}'`` prints the
latency of every request in seconds, as JSON.
"""

import json
import sys
import time

import gevent
from geventhttpclient import HTTPClient


def ask_again(client: HTTPClient, path: str, headers: dict, status: int, end: float, latencies: list[float]) -> None:
    while (start := time.perf_counter()) < end:
        response = client.get(path, headers)
        response.read()
        if response.status_code != status:
            sys.exit(f"{path} answered {response.status_code}")
        latencies.append(time.perf_counter() - start)


def measure(port: int, path: str, headers: dict, connections: int, seconds: float, status: int = 200) -> list[float]:
    """Return the latency of every request that ``connections`` make of the local server in ``seconds``.

    Each must be answered with ``status``.
    """
    latencies: list[float] = []
    end = time.perf_counter() + seconds
    clients = [HTTPClient("127.0.0.1", port, network_timeout=60) for _ in range(connections)]
    jobs = [gevent.spawn(ask_again, client, path, headers, status, end, latencies) for client in clients]
    gevent.joinall(jobs, raise_error=True)
    return latencies


if __name__ == "__main__":
    print(json.dumps(measure(**json.loads(sys.argv[1]))))
