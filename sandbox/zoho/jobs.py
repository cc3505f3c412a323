"""The bulk read jobs of one organisation: what was asked, how far it is, and how long its file is there."""

import time
from array import array
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

PART = 200_000
DOWNLOADS, MINUTE = 10, 60.0
STAGES = ("ADDED", "QUEUED", "IN PROGRESS")


@dataclass
class Job:
    """One job. `indexes` are those of its people, `query` is what it answers, `then` the token of the part behind it."""

    id: str
    module: str
    query: dict[str, Any]
    columns: tuple[Any, ...]
    indexes: array
    page: int
    then: str | None
    life: int
    created: int = field(default_factory=lambda: int(time.time()))
    looks: int = 0


@dataclass
class Ways:
    """How this organisation's jobs go. Each field can be set by the control action `bulk`.

    `polls`: after so many looks a job is ready (None: never); `end`: COMPLETED or FAILURE; `part`: so many records a job;
    `order`: id, changed or halves (the second half first), for none is promised; `busy`: so many unfinished jobs refuse
    another; `downloads`: so many a minute (None: any number); `id_criteria`: whether ids can be compared; `unsupported`:
    fields that jobs refuse although they are listed; `views`: whether views can be exported; `separator`: between choices;
    `header`: how the column of ids is called; `keeps`: whether jobs outlive their files.
    """

    polls: int | None = 1
    end: str = "COMPLETED"
    part: int = PART
    order: str = "id"
    busy: int | None = None
    downloads: int | None = DOWNLOADS
    id_criteria: bool = True
    unsupported: tuple[str, ...] = ()
    views: bool = True
    separator: str = ","
    header: str = "Id"
    keeps: bool = True


class Jobs:
    """Remembers the jobs. Files and page tokens end after a day: `expire` is that day."""

    def __init__(self) -> None:
        self.ways, self.life = Ways(), 0
        self._jobs: dict[str, Job] = {}
        self._downloads: list[float] = []
        self._closed_until = 0.0
        self._lock = Lock()

    def add(self, **facts: Any) -> Job:
        with self._lock:
            job = Job(id=f"41508600000090{len(self._jobs):05}", life=self.life, **facts)
            self._jobs[job.id] = job
        return job

    def find(self, job_id: str) -> Job | None:
        job = self._jobs.get(job_id)
        return job if job and (self.ways.keeps or job.life == self.life) else None

    def state(self, job: Job) -> str:
        """How far a job is; each look brings it further."""
        job.looks += 1
        if self.is_over(job):
            return self.ways.end
        return STAGES[min(job.looks, len(STAGES)) - 1]

    def is_over(self, job: Job) -> bool:
        return self.ways.polls is not None and job.looks > self.ways.polls

    def has_file(self, job: Job) -> bool:
        return self.is_over(job) and self.ways.end == "COMPLETED" and job.life == self.life

    def has_room(self) -> bool:
        """Whether another job may be started now."""
        unfinished = sum(not self.is_over(job) for job in self._jobs.values())
        return self.ways.busy is None or unfinished < self.ways.busy

    def may_download(self) -> bool:
        """Ten downloads a minute; one more, and the next minute has none."""
        if self.ways.downloads is None:
            return True
        moment = time.monotonic()
        with self._lock:
            self._downloads = [one for one in self._downloads if one > moment - MINUTE] + [moment]
            if len(self._downloads) > self.ways.downloads and moment >= self._closed_until:
                self._closed_until = moment + MINUTE
        return moment >= self._closed_until

    def expire(self) -> None:
        self.life += 1
