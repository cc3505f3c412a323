from configparser import RawConfigParser
from pathlib import Path

import pytest

from launching import CannotStart, first_time, processes, redis, supervision
from launching.processes import Program


def names(redis_command=None, sandbox_port=None) -> list[str]:
    return [each.name for each in processes.everything({"PORT": "8000"}, redis_command, sandbox_port)]


def parsed(programs, data="/data") -> RawConfigParser:
    parser = RawConfigParser()
    parser.read_string(processes.configuration(programs, Path(data)))
    return parser


def test_every_queue_has_a_worker_of_its_own():
    workers = [name for name in names() if name.startswith("worker-")]
    assert {name.split("-")[1] for name in workers} == {"tick", "imports", "background"}
    assert len(workers) == len(set(workers))


def test_redis_and_the_sandbox_run_only_where_they_are_ours():
    assert not {"redis", "sandbox"} & set(names())
    assert {"redis", "sandbox"} <= set(names(["redis-server"], 8010))


def test_whatever_ends_is_started_again_and_has_a_minute_to_stop():
    parser = parsed(processes.everything({"PORT": "8000"}, ["redis-server"], 8010))
    sections = [name for name in parser.sections() if name.startswith("program:")]
    assert {parser[name]["autorestart"] for name in sections} == {"true"}
    assert {parser[name]["stopwaitsecs"] for name in sections} == {"60"}


def test_pages_have_the_processor_to_themselves_until_the_first_one_answers():
    programs = processes.everything({"PORT": "8000"}, ["redis-server"], 8010)
    assert {each.name for each in programs if not each.nice} == {"web", "redis"}
    parser = parsed(programs)
    assert {parser[f"program:{each.name}"]["autostart"] for each in programs} == {"false"}


def test_pages_are_served_to_this_computer_only():
    assert "--host 127.0.0.1" in " ".join(processes.web("8000").command)


def test_paths_with_spaces_and_percent_signs_stay_whole():
    command = parsed([Program("x", ["/a folder/100%"])], "/data 5%")["program:x"]
    assert command["command"].endswith("'/a folder/100%%'")
    assert command["stdout_logfile"] == "/data 5%%/logs/x.log"


def test_a_long_data_folder_gets_a_socket_with_a_short_path(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(redis, "LONGEST_SOCKET", len(str(tmp_path)) + 60)
    deep = redis.RedisServer("redis-server", tmp_path / ("x" * 80) / "redis" / "7")
    assert deep.socket.parent.parent == tmp_path
    assert deep.socket.parent.stat().st_mode & 0o077 == 0


def test_somebody_elses_folder_is_not_used_for_the_socket(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    short = redis.short_folder(tmp_path / "data")
    short.chmod(0o777)
    with pytest.raises(CannotStart):
        redis.short_folder(tmp_path / "data")


@pytest.mark.parametrize(
    ("answer", "folder"),
    [
        ("Redis server v=7.0.15 sha=0", "7"),
        ("Redis server v=6.2.14 sha=0", "6"),
        ("Valkey server v=8.0.1 sha=0", "valkey-8"),
    ],
)
def test_each_program_and_major_version_has_its_own_data(tmp_path, answer, folder):
    server = tmp_path / "server"
    server.write_text(f"#!/bin/sh\necho '{answer}'\n")
    server.chmod(0o755)
    assert redis.version(str(server)) == folder


def test_redis_listens_on_no_port_keeps_a_log_and_never_drops_jobs(tmp_path):
    server = redis.RedisServer("redis-server", tmp_path / "7")
    written = Path(server.command()[1]).read_text().splitlines()
    assert {"port 0", "appendonly yes", "appendfsync everysec", "maxmemory-policy noeviction"} <= set(written)


def test_a_busy_port_is_named_in_a_sentence():
    with supervision.socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=str(port)):
            supervision.require_free(str(port))
        assert supervision.free_port(port) != port


@pytest.mark.parametrize("port", ["", "x", "0", "65536"])
def test_a_port_that_is_none_is_refused(port):
    with pytest.raises(CannotStart):
        supervision.require_free(port)


def test_a_second_start_on_the_same_data_is_refused_until_the_first_ends(tmp_path):
    with supervision.alone(tmp_path), pytest.raises(CannotStart), supervision.alone(tmp_path):
        pass
    with supervision.alone(tmp_path):
        pass


@pytest.mark.parametrize(
    "address", ["doplyw.example", "http://doplyw.example", "ftp://x", "http://127.0.0.1.evil.example", ""]
)
def test_an_address_that_the_internet_could_overhear_is_refused(address):
    with pytest.raises(CannotStart):
        first_time.require_address(address)


@pytest.mark.parametrize("address", ["https://doplyw.example", "http://127.0.0.1:8000", "http://localhost"])
def test_an_encrypted_or_local_address_is_taken(address):
    first_time.require_address(address)
