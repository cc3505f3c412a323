"""Starts everything that this installation needs, and stops it again. Called by `bin/run`."""

import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from launching import CannotStart, first_time, processes, redis, settings
from launching.commands import flask
from launching.supervision import alone, free_port, require_free, start, supervised, wait_for_page

SANDBOX_PORT = 8010


def main() -> None:
    arguments = parse()
    answers = first_time.ask(arguments) if arguments.init else None
    given = settings.installation_settings(answers.address) if answers else {}
    values = settings.load(given | os.environ)
    data = Path(values["DATA_DIR"]).resolve()
    with alone(data):
        require_free(values["PORT"])
        values, programs = prepare(values, data)
        if answers:
            first_time.create(answers, values)
            settings.write(settings.ENV_FILE, given)
        run(programs, values, data)


def parse() -> Namespace:
    parser = ArgumentParser(
        prog="bin/run",
        description="Uruchamia Dopływ. Bez pliku .env i bez ustawień działa wersja demonstracyjna, dostępna tylko z tego komputera.",
    )
    parser.add_argument(
        "--init", action="store_true", help="załóż własną instalację: plik .env, konto i jego właściciela"
    )
    parser.add_argument("--address", help="adres, pod którym Dopływ będzie dostępny (do --init)")
    parser.add_argument("--account", help="nazwa konta (do --init)")
    parser.add_argument("--email", help="adres e-mail właściciela (do --init)")
    return parser.parse_args()


def prepare(values: dict[str, str], data: Path) -> tuple[dict[str, str], list[processes.Program]]:
    """Database and catalogue are up to date afterwards; returns the settings of the processes, and the processes."""
    own_redis = None if "REDIS_URL" in values else redis.find(data)
    if own_redis:
        values = values | {"REDIS_URL": own_redis.url}
    sandbox_port = free_port(SANDBOX_PORT) if values.get("DEMO") else None
    if sandbox_port:
        values = settings.sandbox_settings(sandbox_port) | values
    if flask(values, "prepare"):
        raise CannotStart("Dopływ nie wystartował. Popraw to, o czym mowa powyżej, i uruchom polecenie ponownie.")
    return values, processes.everything(values, own_redis and own_redis.command(), sandbox_port)


def run(programs: list[processes.Program], values: dict[str, str], data: Path) -> None:
    """The pages come first and have the processor to themselves; the workers follow when the first page answers."""
    configuration, socket = data / "supervisor.conf", processes.socket_path(data)
    socket.unlink(missing_ok=True)
    configuration.write_text(processes.configuration(programs, data), encoding="utf-8")
    try:
        with supervised(configuration, values) as supervisor:
            start((each.name for each in programs if not each.nice), socket, supervisor)
            wait_for_page(int(values["PORT"]), supervisor, data / "logs")
            announce(values)
            start((each.name for each in programs if each.nice), socket, supervisor)
            supervisor.wait()
            raise CannotStart(
                f"Nadzorca procesów zakończył się sam. Powód jest w pliku {data / 'logs' / 'supervisor.log'}."
            )
    except KeyboardInterrupt:
        say("Dopływ zatrzymany.")


def announce(values: dict[str, str]) -> None:
    say(f"Dopływ działa: http://127.0.0.1:{values['PORT']}")
    if values.get("DEMO"):
        say("Wersja demonstracyjna: zaloguj się jako demo@doplyw.example z hasłem demo-doplyw. Ctrl-C zatrzymuje.")


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    os.umask(0o077)
    try:
        main()
    except CannotStart as fault:
        sys.exit(str(fault))
    except KeyboardInterrupt:
        sys.exit(130)
