"""What runs, and the settings of the supervisor that keeps it running."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from launching import ROOT, redis

# A worker that is told to stop before it has started would never stop.
WEB_OPTIONS = (
    "--interface wsgi --host 127.0.0.1 --no-ws --blocking-threads 16 --respawn-failed-workers --workers-kill-timeout 10"
).split()
WORKERS = ("tick", "imports", "imports", "background")

SUPERVISOR = """\
[supervisord]
nodaemon = true
silent = true
directory = {root}
logfile = {data}/logs/supervisor.log
logfile_maxbytes = 5MB
logfile_backups = 2
pidfile = {data}/supervisor.pid

[unix_http_server]
file = {socket}
chmod = 0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""
# Redis may be away for minutes: a worker that ends for that reason is started again for as long as it takes.
PROGRAM = """
[program:{name}]
command = {command}
autostart = false
priority = {priority}
autorestart = true
startsecs = 2
startretries = 1000000
stopwaitsecs = 60
killasgroup = true
redirect_stderr = true
stdout_logfile = {data}/logs/{name}.log
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 5
"""


@dataclass(frozen=True)
class Program:
    """One process. Those of a lower `priority` start earlier and stop later; `nice` leaves the processor to the pages."""

    name: str
    command: list[str]
    priority: int = 20
    nice: bool = False

    def section(self, data: Path) -> str:
        command = [*bound_to_parent(), *(["nice", "-n", "5"] if self.nice else []), *self.command]
        return PROGRAM.format(
            name=self.name, command=escaped(shlex.join(command)), priority=self.priority, data=escaped(str(data))
        )


def everything(settings: Mapping[str, str], redis_command: list[str] | None, sandbox_port: int | None) -> list[Program]:
    """The processes of this installation."""
    programs = [web(settings["PORT"]), *workers(), Program("scheduler", python("jobs.scheduler"), nice=True)]
    if redis_command:
        programs.append(Program("redis", redis_command, priority=5))
    if sandbox_port:
        programs.append(Program("sandbox", python("sandbox", "--port", str(sandbox_port)), nice=True))
    return programs


def web(port: str) -> Program:
    size = ["--workers", str(min(2, os.cpu_count() or 1)), "--port", port]
    return Program("web", python("granian", *WEB_OPTIONS, *size, "wsgi:app"), priority=10)


def workers() -> list[Program]:
    return [
        Program(f"worker-{queue}-{number}", python("jobs.worker", queue), nice=True)
        for number, queue in enumerate(WORKERS, 1)
    ]


def python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def configuration(programs: Iterable[Program], data: Path) -> str:
    head = SUPERVISOR.format(root=escaped(str(ROOT)), data=escaped(str(data)), socket=escaped(str(socket_path(data))))
    return head + "".join(program.section(data) for program in programs)


def socket_path(data: Path) -> Path:
    """Where the supervisor takes orders, from this user only."""
    return redis.short_path(data / "supervisor.sock")


def escaped(text: str) -> str:
    """The supervisor expands what stands after a percent sign."""
    return text.replace("%", "%%")


@cache
def bound_to_parent() -> tuple[str, ...]:
    """A prefix under which a process ends when its parent is killed, so that nothing is left behind."""
    prefix = ("setpriv", "--pdeathsig", "TERM")
    if not shutil.which(prefix[0]):
        return ()
    works = subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0
    return prefix if works else ()
