"""`bin/flask …`: the application's commands with the settings of this installation."""

import os
import sys
from pathlib import Path

from flask.cli import FlaskGroup

from launching import ROOT, CannotStart, redis, settings


def main() -> None:
    os.environ.update(with_redis(settings.load()))
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    from webapp import create_app
    from webapp.config import ConfigError

    try:
        FlaskGroup(create_app=create_app, load_dotenv=False).main(prog_name="bin/flask")
    except ConfigError as error:
        raise CannotStart(str(error)) from None


def with_redis(values: dict[str, str]) -> dict[str, str]:
    return values if "REDIS_URL" in values else values | {"REDIS_URL": redis.find(Path(values["DATA_DIR"])).url}


if __name__ == "__main__":
    try:
        main()
    except CannotStart as fault:
        sys.exit(str(fault))
