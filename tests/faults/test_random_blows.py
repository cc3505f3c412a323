"""A few imports under random blows, every day; `bin/drill` does it with a hundred."""

from tests.faults.conftest import SEED
from tests.faults.drill_random_blows import survive


def test_whatever_dies_at_whatever_moment_everybody_arrives_once(home):
    survive(home, SEED, imports=6, most_blows=20)
