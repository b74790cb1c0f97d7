"""``manage.py serve``: set the site up and serve it on this machine, as ``make run`` does."""

import os
import socket
from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
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
        self.replace_with_server(port, workers)

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

    def replace_with_server(self, port: int, workers: int) -> None:
        """Become the web server, so that Ctrl-C and every other signal reach it."""
        command = server_command(host=HOST, port=port, workers=workers)
        os.chdir(settings.BASE_DIR)
        os.execv(command[0], command)  # noqa: S606 - a program of our own environment, no shell
