"""``manage.py serve``: set the site up and serve it on this machine, as ``make run`` does."""

import os
import signal
import socket
import subprocess
from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connections
from django.urls import reverse

from strategy_site.server import server_command

HOST = "127.0.0.1"
LARGEST_PORT = 65_535


class Command(BaseCommand):
    help = "Set the site up and serve it on this machine with several workers."
    requires_system_checks = ()  # setup_site runs them

    def add_arguments(self, parser) -> None:
        parser.add_argument("--port", default="8000", help="default: 8000")
        parser.add_argument("--workers", type=int, default=max(2, min(4, os.cpu_count() or 2)))
        parser.add_argument("--content", nargs="+", metavar="PACKAGE", help="see setup_site")

    def handle(self, *args, port: str, workers: int, content: list[str] | None, **options) -> None:
        port = self.free_port(port)
        call_command("setup_site", content=content and [Path(path) for path in content], stdout=self.stdout)
        address = f"http://{HOST}:{port}"
        self.stdout.write(
            f"\nThe site    {address}/\nThe admin   {address}{reverse('admin:index')}\nStop with Ctrl-C.\n"
        )
        self.stdout.flush()
        connections.close_all()
        # Where SITE_URL is not set it has this port, which the programs on the page for developers ask.
        self.run_server(server_command(host=HOST, port=port, workers=workers), os.environ | {"PORT": str(port)})

    def free_port(self, text: str) -> int:
        """Return the port that ``text`` names, or raise ``CommandError`` when it cannot be served on."""
        if not text.isascii() or not text.isdigit() or not 0 < int(text) <= LARGEST_PORT:
            raise CommandError(f"PORT is {text!r}; set it to a number from 1 to {LARGEST_PORT}.")
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
            try:
                probe.bind((HOST, int(text)))
            except OSError as error:
                raise CommandError(
                    f"Port {text} cannot be used ({error.strerror}). Choose another: make run PORT={int(text) + 1}"
                ) from None
        return int(text)

    def run_server(self, command: list[str], environment: dict[str, str]) -> None:
        """Run the web server until it ends or we are told to stop, and then stop it.

        It is out of reach of the terminal's Ctrl-C, which goes to every process at once: a worker that is told
        to stop twice, by the terminal and by its server, stops neither time.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # a script's background job ignores SIGINT
            signal.signal(number, signal.default_int_handler)
        server = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, start_new_session=True)  # noqa: S603 - no shell
        try:
            code = server.wait()
        except KeyboardInterrupt:
            server.terminate()
            server.wait()
        else:
            raise CommandError(f"The web server ended by itself (code {code}); see the lines above.")
