from __future__ import annotations

import importlib.metadata

import pytest
from pydantic import SecretStr, ValidationError

from app.config import Setting, Settings, list_settings, read_settings, release
from app.errors import InvalidInput


def test_the_environment_decides(monkeypatch, tmp_path):
    monkeypatch.setenv("INKROW_PORT", "9000")
    monkeypatch.setenv("INKROW_MODEL_STORE", str(tmp_path))
    settings = Settings()
    assert (settings.port, settings.model_store) == (9000, tmp_path)


@pytest.mark.parametrize("variable", ["INKROW_PORT", "INKROW_ADMIN_KEY", "INKROW_KEY"])
def test_an_empty_variable_counts_as_none(monkeypatch, variable):
    monkeypatch.delenv(variable, raising=False)
    without = read_settings()
    monkeypatch.setenv(variable, "")
    assert read_settings() == without


def test_the_models_lie_beside_the_package_whatever_the_working_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("INKROW_MODEL_STORE", raising=False)
    monkeypatch.chdir(tmp_path)
    store = Settings().model_store
    assert store.is_absolute()
    assert store.name == "model_store"
    assert (store.parent / "app" / "config.py").is_file()


@pytest.mark.parametrize("name, value", [("port", "65536"), ("port", "web"), ("max_pixels", "0")])
def test_a_value_that_makes_no_sense_is_refused(monkeypatch, name, value):
    monkeypatch.setenv(f"INKROW_{name.upper()}", value)
    with pytest.raises(ValidationError, match=name):
        Settings()


def test_one_wrong_value_is_one_complaint(monkeypatch):
    monkeypatch.setenv("INKROW_WORKERS", "none")
    with pytest.raises(InvalidInput, match=r"^INKROW_WORKERS: expected a valid integer, got 'none'$"):
        read_settings()


def test_every_setting_is_described():
    assert all(field.description for field in Settings.model_fields.values())


@pytest.mark.parametrize(
    "variable, hint",
    [
        ("INKROW_PROT", r"did you mean INKROW_PORT\?"),
        ("inkrow_modelstore", r"did you mean INKROW_MODEL_STORE\?"),
        ("inkrow_port", r"did you mean INKROW_PORT\?"),
    ],
)
def test_a_misspelt_setting_is_refused_with_the_right_one(monkeypatch, variable, hint):
    monkeypatch.setenv(variable, "x")
    with pytest.raises(InvalidInput, match=f"there is no setting {variable}; {hint}"):
        read_settings()


def test_an_unknown_setting_is_refused_with_all_that_there_are(monkeypatch):
    monkeypatch.setenv("INKROW_COLOUR", "red")
    with pytest.raises(InvalidInput, match="INKROW_COLOUR; there are INKROW_MODEL_STORE, INKROW_MODEL, "):
        read_settings()


def test_variables_of_the_tests_are_no_misspelt_settings(monkeypatch):
    monkeypatch.setenv("INKROW_SHARED", "/nowhere")
    monkeypatch.setenv("INKROW_REQUIRE_SERVICES", "0")
    read_settings()


def test_the_release_is_known_even_where_nothing_is_installed(monkeypatch):
    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    assert release()
    monkeypatch.setattr(importlib.metadata, "version", missing)
    assert release() == "0+unknown"


def test_the_list_tells_what_a_setting_is_and_what_it_would_be_by_itself(monkeypatch):
    monkeypatch.setenv("INKROW_PORT", "9000")
    settings = {setting.name: setting for setting in list_settings(read_settings())}
    assert [name.removeprefix("INKROW_").lower() for name in settings] == list(Settings.model_fields)
    assert settings["INKROW_PORT"] == Setting(
        "INKROW_PORT", Settings.model_fields["port"].description, default=8000, value=9000, is_given=True
    )
    assert settings["INKROW_HOST"].value == settings["INKROW_HOST"].default == "127.0.0.1"
    assert not settings["INKROW_HOST"].is_given


def test_the_list_shows_no_secret(monkeypatch):
    class WithSecret(Settings):
        key: SecretStr = SecretStr("")

    monkeypatch.setattr("app.config.Settings", WithSecret)
    assert "hush" not in str(list_settings(WithSecret(key="hush")))


def test_nor_does_it_show_a_password_in_an_address():
    settings = Settings(database_url="postgresql+psycopg://inkrow:hush@db/inkrow", queue_url="redis://:hush@queue")
    shown = {setting.name: setting.value for setting in list_settings(settings)}
    assert shown["INKROW_DATABASE_URL"] == "postgresql+psycopg://inkrow:***@db/inkrow"
    assert shown["INKROW_QUEUE_URL"] == "redis://:***@queue"


def test_a_password_in_an_address_that_cannot_be_is_not_told(monkeypatch):
    for address in ("rediss://:hush@queue", "redis+unix:///run/redis.sock"):
        monkeypatch.setenv("INKROW_RATE_LIMIT_URL", address)
        assert read_settings().rate_limit_url == address
    monkeypatch.setenv("INKROW_RATE_LIMIT_URL", "amqp://:hush@queue")
    with pytest.raises(InvalidInput, match=r"got 'amqp://:\*\*\*@queue'"):
        read_settings()


def test_an_address_of_no_redis_is_told_what_it_should_begin_with(monkeypatch):
    monkeypatch.setenv("INKROW_RATE_LIMIT_URL", "localhost:6379")
    told = "INKROW_RATE_LIMIT_URL: expected an address that begins with redis://, .*, got 'localhost:6379'$"
    with pytest.raises(InvalidInput, match=told):
        read_settings()


@pytest.mark.parametrize("variable", ["INKROW_KEY", "INKROW_ADMIN_KEY"])
def test_what_stands_around_a_key_does_not_count(monkeypatch, variable):
    monkeypatch.setenv(variable, f" {'k' * 32}\n")
    key = getattr(read_settings(), variable.removeprefix("INKROW_").lower())
    assert key.get_secret_value() == 32 * "k"


@pytest.mark.parametrize("variable", ["INKROW_KEY", "INKROW_ADMIN_KEY"])
@pytest.mark.parametrize("key", [32 * "é", f"{'hush' * 8}…", "hush\t" * 8 + "hush"])
def test_a_key_that_http_cannot_send_is_refused_and_not_told(monkeypatch, variable, key):
    monkeypatch.setenv(variable, key)
    with pytest.raises(InvalidInput, match=f"^{variable}: expected printable ASCII") as refused:
        read_settings()
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize("variable", ["INKROW_KEEP_DAYS", "INKROW_JOB_DAYS"])
@pytest.mark.parametrize("days", ["inf", "1e6"])
def test_more_days_than_dates_can_be_computed_for_are_refused(monkeypatch, variable, days):
    monkeypatch.setenv(variable, days)
    with pytest.raises(InvalidInput, match=f"^{variable}: expected at most 36525, got '{days}'$"):
        read_settings()


def test_workers_share_the_cores_unless_told_otherwise(monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: set(range(8)), raising=False)
    assert Settings().concurrent_readings == 8
    assert Settings(workers=4).concurrent_readings == 2
    assert Settings(workers=16).concurrent_readings == 1
    assert Settings(workers=4, concurrent_readings=7).concurrent_readings == 7


def test_threads_of_a_page_share_the_cores_with_other_processes(monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: set(range(8)), raising=False)
    assert Settings().page_threads == 4
    assert Settings(workers=4).page_threads == 2
    assert Settings(workers=16).page_threads == 1
