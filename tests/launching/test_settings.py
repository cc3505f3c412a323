import stat

import pytest

from launching import CannotStart, settings
from webapp import config


@pytest.fixture
def environ(tmp_path):
    return {"DATA_DIR": str(tmp_path / "data")}


@pytest.fixture
def env_file(tmp_path):
    return tmp_path / ".env"


def test_without_settings_it_is_the_demo(environ, env_file):
    values = settings.load(environ, env_file)
    assert values["DEMO"] == "1"
    assert values["EXTERNAL_URL"] == "http://127.0.0.1:8000"


def test_the_demo_has_settings_that_the_application_accepts(environ, env_file):
    values = settings.load(environ, env_file) | settings.sandbox_settings(8010)
    assert config.load(values)["DEMO"] is True


def test_the_keys_of_the_demo_survive_a_restart_and_differ_between_installations(tmp_path, environ, env_file):
    first, again = settings.load(environ, env_file), settings.load(environ, env_file)
    other = settings.load({"DATA_DIR": str(tmp_path / "other")}, env_file)
    assert first["SECRET_KEY"] == again["SECRET_KEY"] != other["SECRET_KEY"]


def test_keys_in_the_environment_leave_the_demo(environ, env_file):
    assert "DEMO" not in settings.load(environ | {"SECRET_KEY": "s" * 40}, env_file)


def test_a_file_of_settings_leaves_the_demo_and_gives_way_to_the_environment(environ, env_file):
    settings.write(env_file, {"SECRET_KEY": "s" * 40, "PORT": "9000", "SMTP_URL": "smtp://a"})
    values = settings.load(environ | {"PORT": "9001", "SMTP_URL": ""}, env_file)
    assert (values["PORT"], values["SMTP_URL"], "DEMO" in values) == ("9001", "smtp://a", False)


def test_an_installation_never_takes_over_the_data_of_the_demo(environ, env_file):
    settings.load(environ, env_file)
    with pytest.raises(CannotStart):
        settings.load(environ | {"SECRET_KEY": "s" * 40}, env_file)


def test_keys_are_readable_by_their_owner_only_and_never_overwritten(env_file):
    settings.write(env_file, settings.installation_settings("https://doplyw.example"))
    assert stat.S_IMODE(env_file.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        settings.write(env_file, {})


@pytest.mark.parametrize(("address", "proxies"), [("https://doplyw.example", "1"), ("http://127.0.0.1:8000", "0")])
def test_a_proxy_is_trusted_only_where_there_is_one(address, proxies):
    assert settings.installation_settings(address)["TRUSTED_PROXIES"] == proxies
