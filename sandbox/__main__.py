"""`python -m sandbox --port 8010`: runs until it is stopped."""

import signal
import sys
from argparse import ArgumentParser

from . import Options, create_app
from .server import serve


def main() -> None:
    parser = ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8010)
    parser.add_argument("--people", type=int, default=Options.people)
    parser.add_argument("--seed", type=int, default=Options.seed)
    parser.add_argument("--latency-ms", type=int, default=Options.latency_ms)
    asked = parser.parse_args()
    app = create_app(Options(people=asked.people, seed=asked.seed, latency_ms=asked.latency_ms))
    server = serve(app, asked.host, asked.port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"Sandbox: http://{asked.host}:{server.port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
