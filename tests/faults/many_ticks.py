"""Many ticks at once, as if so many schedulers had gone mad: `python -m tests.faults.many_ticks TICKS THREADS GO_FILE`."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jobs import schedule
from jobs.process import worker_app


def main() -> None:
    ticks, threads, go = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    worker_app()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while not go.exists():
        time.sleep(0.001)
    with ThreadPoolExecutor(threads) as pool:
        for tick in [pool.submit(schedule.tick) for _ in range(ticks)]:
            tick.result()
    sys.stdout.write("done\n")


if __name__ == "__main__":
    main()
