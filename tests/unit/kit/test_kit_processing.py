"""A register of processing activities that is not filled, or a method that names none, is an error with a sentence."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from songcau_kit.processing import NO_PERSONAL_DATA, LegalBasis, Register, RegisterError, processing_register

SHIPPED = yaml.safe_load((Path(__file__).resolve().parents[3] / "proto/processing-activities.yaml").read_text())


@pytest.fixture
def content() -> dict[str, Any]:
    return copy.deepcopy(SHIPPED)


def load(tmp_path: Path, content: dict[str, Any]) -> Register:
    path = tmp_path / "register.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True))
    return Register.load(path)


def test_the_shipped_register_is_found_and_read_once() -> None:
    register = processing_register()
    assert register is processing_register()
    assert register.activities.keys() == SHIPPED["activities"].keys()
    assert register.activities["access-records"].retention.period == "P6M"
    assert register.activities["dossier-processing"].legal_basis is LegalBasis.STATE_AGENCY


@pytest.mark.parametrize("field", sorted(SHIPPED["activities"]["remote-care"]))
def test_an_activity_without_a_field_is_refused(tmp_path: Path, content: dict[str, Any], field: str) -> None:
    del content["activities"]["remote-care"][field]
    with pytest.raises(RegisterError, match=f"remote-care: missing or unknown fields: {field}"):
        load(tmp_path, content)


@pytest.mark.parametrize("field", ["subjects", "categories", "recipients", "purpose"])
def test_an_empty_field_is_refused(tmp_path: Path, content: dict[str, Any], field: str) -> None:
    content["activities"]["remote-care"][field] = []
    with pytest.raises(RegisterError, match=f"remote-care: not filled: {field}"):
        load(tmp_path, content)


@pytest.mark.parametrize(
    ("field", "value", "wrong"),
    [
        ("legal_basis", "because", "because"),
        ("categories", ["shoe-size"], "shoe-size"),
        ("purpose", {"vi": "Khám bệnh", "en": " "}, "both languages"),
    ],
)
def test_a_word_that_is_not_in_the_register_is_refused(
    tmp_path: Path, content: dict[str, Any], field: str, value: object, wrong: str
) -> None:
    content["activities"]["remote-care"][field] = value
    with pytest.raises(RegisterError, match=wrong):
        load(tmp_path, content)


def test_a_period_that_is_no_duration_is_refused(tmp_path: Path, content: dict[str, Any]) -> None:
    content["activities"]["remote-care"]["retention"]["period"] = "ten years"
    with pytest.raises(RegisterError, match="ISO 8601"):
        load(tmp_path, content)


@pytest.mark.parametrize("name", ["RemoteCare", "remote_care", NO_PERSONAL_DATA])
def test_an_id_is_in_kebab_case_and_not_the_word_for_none(tmp_path: Path, content: dict[str, Any], name: str) -> None:
    content["activities"][name] = content["activities"].pop("remote-care")
    with pytest.raises(RegisterError, match="kebab-case"):
        load(tmp_path, content)


def test_every_legal_basis_has_a_name(tmp_path: Path, content: dict[str, Any]) -> None:
    del content["legal_bases"]["consent"]
    with pytest.raises(RegisterError, match="legal bases consent"):
        load(tmp_path, content)


def test_a_method_that_names_nothing_or_something_unknown_is_told_by_name() -> None:
    register = processing_register()
    register.check({"A/Care": "remote-care", "A/List": NO_PERSONAL_DATA})
    with pytest.raises(RegisterError, match="no processing activity is named by A/Silent"):
        register.check({"A/Care": "remote-care", "A/Silent": None})
    with pytest.raises(RegisterError, match=r"not in the register of processing activities: A/Odd \(odd-jobs\)"):
        register.check({"A/Care": "remote-care", "A/Odd": "odd-jobs"})
