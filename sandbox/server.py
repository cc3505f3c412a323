"""Serves the sandbox. Some faults need the bare socket, which werkzeug's server hands to the application."""

from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from .app import Sandbox


class QuietHandler(WSGIRequestHandler):
    """Writes no line for each request, and takes a torn connection for what it is."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return

    def connection_dropped(self, error: BaseException, environ: dict[str, Any] | None = None) -> None:
        self.close_connection = True


def serve(app: Sandbox, host: str, port: int) -> BaseWSGIServer:
    """A server of many threads, bound but not yet running; port 0 takes a free one."""
    return make_server(host, port, app, threaded=True, request_handler=QuietHandler)
