"""Every entry of the access list can be told in plain words: operations, purposes, actors, apps and outcomes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from songcau_gateway.routes.access_schemas import ACTOR_KINDS, OUTCOMES, PURPOSES, SERVICES
from songcau_kit.access_words import access_words
from songcau_kit.processing import processing_register

ROOT = Path(__file__).resolve().parents[2]
WORDS = access_words()
TABLE = yaml.safe_load((ROOT / "proto/access-words.yaml").read_text())
REALM = json.loads((ROOT / "infra/keycloak/realm.json").read_text())


def entered() -> set[tuple[str, str]]:
    activities = processing_register().activities.values()
    return {(service, name) for one in activities for service, names in one.operations.items() for name in names}


def texts(value: Any) -> list[dict[str, str]]:
    if value.keys() == {"vi", "en"}:
        return [value]
    return [text for inner in value.values() for text in texts(inner)]


def test_every_operation_that_a_service_enters_has_a_sentence_and_no_other_has() -> None:
    assert {(service, name) for service, names in WORDS.operations.items() for name in names} == entered()


def test_every_purpose_of_the_catalogue_has_words_and_is_a_filter() -> None:
    section = (ROOT / "docs/audit.md").read_text().split("## Purposes\n")[1].split("\n## ")[0]
    named = set(re.findall(r"^\| `([A-Z_]+)`", section, re.MULTILINE))
    assert WORDS.purposes.keys() == named
    assert set(PURPOSES) == named


def test_every_filter_value_has_words() -> None:
    assert WORDS.actors.keys() == set(ACTOR_KINDS)
    assert WORDS.outcomes.keys() == set(OUTCOMES)
    assert WORDS.operations.keys() == set(SERVICES)


def test_every_app_that_signs_in_has_a_name() -> None:
    apps = {client["clientId"] for client in REALM["clients"] if client.get("name")}
    assert apps <= WORDS.applications.keys()


def test_every_text_says_something_different_from_its_code_in_both_languages() -> None:
    for text in texts(TABLE):
        assert len(text["vi"]) > 3, text
        assert len(text["en"]) > 3, text
        assert not re.search(r"[A-Z]{2,}_", text["vi"] + text["en"]), text


ENTRY = {
    "service": "eservices",
    "operation": "GET_DOSSIER",
    "actor_kind": "OFFICER",
    "client_id": "officer-console",
    "purpose": "INSPECTION",
    "outcome": "ALLOWED",
    "own": False,
    "assisted_by_kind": "",
    "assisted_by_organization": "",
}


def test_an_officer_s_read_is_told_as_who_did_what_why_and_through_which_app() -> None:
    told = {name: text["vi"] for name, text in WORDS.describe(ENTRY).items() if text}
    assert told == {
        "actor": "Cán bộ",
        "operation": "Xem hồ sơ của bạn",
        "purpose": "Thanh tra, kiểm tra theo luật",
        "application": "Bàn làm việc cán bộ",
        "outcome": "Đã thực hiện",
    }


def test_who_helped_a_citizen_is_told_beside_the_act() -> None:
    told = WORDS.describe(ENTRY | {"assisted_by_kind": "DIGITAL_TEAM", "assisted_by_organization": "H55.242"})
    assert told["assistance"] == {
        "vi": "Thành viên tổ công nghệ số cộng đồng của H55.242 hỗ trợ bạn",
        "en": "A member of the community digital team of H55.242 helped you",
    }


def test_an_own_act_is_told_as_the_reader_s() -> None:
    told = WORDS.describe(ENTRY | {"own": True, "purpose": ""})
    assert told["actor"] == WORDS.own_act
    assert told["purpose"] == WORDS.purposes["OWN_USE"]


@pytest.mark.parametrize("field", ["service", "operation", "actor_kind", "client_id", "purpose", "outcome"])
def test_a_code_of_a_later_release_is_told_in_general_words_or_not_at_all(field: str) -> None:
    told = WORDS.describe(ENTRY | {field: "NEWER"})
    assert told["operation"] in (WORDS.operations["eservices"]["GET_DOSSIER"], WORDS.any_operation)
    assert all(told[name] is not None for name in ("actor", "operation"))
