"""Settings, manifests and documentation say the same: fields, keys of settings.env, rows of docs/settings.md."""

import importlib
import re

import pytest
from pydantic import ValidationError
from support.k8s_manifests import OVERLAYS, ROOT, SERVICES, containers, of_kind, pods, settings_env

# The variables of Kafka, Keycloak, Java and the S3 client, and those of the simulators.
NOT_OURS = re.compile(r"(AWS|KAFKA|KC|JAVA|SIMULATOR|SONGCAU)_[A-Z0-9_]+|EXTRA_ARGS|LOG_DIR")
FILES = re.compile(r"[a-z0-9-]+\.(json|properties|yaml)")


def variables(service: str) -> set[str]:
    model = importlib.import_module(f"songcau_{service}.settings").Settings
    return {f"{model.model_config['env_prefix']}{name.upper()}" for name in model.model_fields}


@pytest.mark.parametrize("service", SERVICES)
def test_every_field_of_settings_is_a_key_of_the_manifests_and_the_other_way_round(service: str) -> None:
    given, unset = settings_env(service)

    assert given.keys() | unset == variables(service)
    assert not given.keys() & unset


@pytest.mark.parametrize("service", SERVICES)
def test_every_field_of_settings_is_a_row_of_the_documentation_and_the_other_way_round(service: str) -> None:
    page = ROOT / "docs" / "settings.md"
    if not page.exists():
        pytest.skip("docs/settings.md is written by `make docs`")
    rows = set(re.findall(rf"^\| `({service.upper()}_[A-Z0-9_]+)` \|", page.read_text(), flags=re.MULTILINE))

    assert rows == variables(service)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_no_overlay_tells_a_process_what_is_no_setting(overlay: str) -> None:
    known = {name for service in SERVICES for name in variables(service)}
    told = {key for config in of_kind(overlay, "ConfigMap") for key in config.get("data", {})}
    told |= {entry["name"] for _, _, pod in pods(overlay) for box in containers(pod) for entry in box.get("env", [])}

    assert {name for name in told - known if not (NOT_OURS.fullmatch(name) or FILES.fullmatch(name))} == set()


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_secrets_come_by_reference_only(overlay: str) -> None:
    secret = set()
    for service in SERVICES:
        model = importlib.import_module(f"songcau_{service}.settings").Settings
        prefix = model.model_config["env_prefix"]
        secret |= {
            f"{prefix}{name.upper()}"
            for name, field in model.model_fields.items()
            if "Secret" in str(field.annotation) or name.endswith(("database_url", "bus_url"))
        }
    assert of_kind(overlay, "Secret") == []
    for config in of_kind(overlay, "ConfigMap"):
        for key, value in config.get("data", {}).items():
            assert key not in secret or value in {"", "{}"}, f"{key} stands in {config['metadata']['name']}"
    for name, _, pod in pods(overlay):
        for box in containers(pod):
            for entry in box.get("env", []):
                if entry["name"] in secret:
                    assert "secretKeyRef" in entry["valueFrom"], f"{entry['name']} of {name}"


@pytest.mark.parametrize("overlay", ["staging", "production"])
@pytest.mark.parametrize("service", SERVICES)
def test_the_settings_of_an_installation_are_accepted_once_secrets_are_given(
    overlay: str, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (config,) = (
        entry for entry in of_kind(overlay, "ConfigMap") if entry["metadata"]["name"].startswith(f"{service}-settings-")
    )
    for key, value in config["data"].items():
        monkeypatch.setenv(key, value)
    settings = importlib.import_module(f"songcau_{service}.settings").Settings()

    assert settings.environment == overlay


@pytest.mark.parametrize("service", ["identity", "eservices", "telehealth", "audit"])
def test_development_keys_would_be_refused_there(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given, _ = settings_env(service)
    for key, value in given.items():
        if not key.endswith("_WRAPPING_KEYS"):
            monkeypatch.setenv(key, value)

    with pytest.raises(ValidationError, match="development key"):
        importlib.import_module(f"songcau_{service}.settings").Settings()
