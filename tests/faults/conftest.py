"""One installation for each kind of database, which all drills share: what a drill breaks, it finds mended."""

import random
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults.house import House
from tests.services import new_redis

SEED = 20261123


DATABASES = [
    pytest.param("sqlite", marks=pytest.mark.xdist_group("faults-sqlite")),
    pytest.param("postgresql", marks=pytest.mark.xdist_group("faults-postgresql")),
]
on_each_database = pytest.mark.parametrize("house", DATABASES, indirect=True)


def a_house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, **wishes: Any) -> Iterator[House]:
    """For a fixture whose parameter is the kind of database."""
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_server").new_database()
    folder = tmp_path_factory.mktemp("house")
    house = House(folder, url, new_redis(folder), **wishes)
    try:
        house.start()
        yield house
    finally:
        house.stop()


@pytest.fixture(scope="session", params=DATABASES)
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    yield from a_house(request, tmp_path_factory)


@pytest.fixture
def home(house: House) -> Iterator[House]:
    """The installation, ready for a drill; what its processes said is shown when the drill fails."""
    house.ready()
    yield house
    for name, program in house.programs.items():
        sys.stdout.write(f"── {name}\n{program.said()[-1500:]}\n")


@pytest.fixture
def dice() -> random.Random:
    """Where the blows fall. The same seed gives the same places."""
    sys.stdout.write(f"seed {SEED}\n")
    return random.Random(SEED)
