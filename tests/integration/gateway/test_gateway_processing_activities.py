"""Anybody may read why personal data is processed, in both languages and in words a person understands."""

from __future__ import annotations

import httpx
from songcau_kit.processing import processing_register


def test_the_register_is_open_to_everybody_and_whole(anybody: httpx.Client) -> None:
    answer = anybody.get("/v1/processing-activities")
    assert answer.status_code == 200
    assert [one["id"] for one in answer.json()["items"]] == list(processing_register().activities)


def test_an_activity_says_in_plain_words_what_it_means_for_a_person(anybody: httpx.Client) -> None:
    items = {one["id"]: one for one in anybody.get("/v1/processing-activities").json()["items"]}
    care = items["remote-care"]
    assert care["meaning"]["vi"].startswith("Khi bạn xin khám từ xa")
    assert care["legal_basis"]["code"] == "other-law"
    assert {"name": {"vi": "Tình trạng sức khỏe", "en": "state of health"}, "is_sensitive": True} in care["categories"]
    assert care["retention"]["period"] == "P10Y"
    assert care["retention"]["rule"]["is_confirmed"] is False
    assert items["dossier-processing"]["retention"]["period"] is None


def test_a_meaning_is_short_enough_to_be_read(anybody: httpx.Client) -> None:
    for one in anybody.get("/v1/processing-activities").json()["items"]:
        assert len(one["meaning"]["vi"]) < 300, one["id"]
