"""For tests of what the two databases might do differently."""

import pytest

on_both_databases = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
