import pytest
from flask import Flask
from flask.testing import FlaskCliRunner


@pytest.fixture
def run(app: Flask):
    """Runs `flask …` and returns its result (exit_code, output)."""
    runner: FlaskCliRunner = app.test_cli_runner()

    def invoke(*arguments: str, password: str | None = "correct horse battery"):
        environment = {"OWNER_PASSWORD": password} if password else {"OWNER_PASSWORD": None}
        return runner.invoke(args=list(arguments), env=environment)

    return invoke
