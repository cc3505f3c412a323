"""The scheduler process: `python -m jobs.scheduler`. A second one does no harm: runs are made in the database, once."""

from redis import Redis

from jobs.process import worker_app
from jobs.schedule import TickScheduler


def main() -> None:
    config = worker_app().config
    TickScheduler(Redis.from_url(config["REDIS_URL"]), config["TICK_SECONDS"]).run()


if __name__ == "__main__":
    main()
