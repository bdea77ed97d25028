"""Dirty national records are put right or refused, each with its reason, and never stop the reading."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from songcau_eservices.catalogue.content import from_json, to_json
from songcau_eservices.catalogue.model import (
    AuthorityLevel,
    Channel,
    GroupRule,
    ProcedureContent,
    ServiceLevel,
    TimeUnit,
)
from songcau_eservices.catalogue.national_import import NationalFiles, planned_versions
from songcau_eservices.catalogue.national_report import MEANINGS, ImportReport, Normalisation, Refusal

LISTED = {
    "id": "1", "name": "Thủ tục thử nghiệm", "code": "1.000001", "categories": ["Hộ tịch"], "categoryIds": ["f1"],
    "departments": ["Ủy ban nhân dân cấp xã"], "departmentPromulgate": "Bộ Tư pháp",
    "formalityTargetType": ["Công dân Việt Nam"], "state": "ACTIVE", "type": "STANDARD",
}  # fmt: skip
DETAIL = {
    "code": "1.000001", "name": "Thủ tục thử nghiệm", "state": "ACTIVE", "type": "STANDARD", "isWard": True,
    "isFullProcess": False, "isNonTerritorial": True, "cases": [], "executionMethods": [], "executionCases": [],
    "executionSteps": [], "categoriesDetails": [{"id": "f1", "name": "Hộ tịch", "code": "G15-TP07"}],
}  # fmt: skip


ODD = DETAIL | {"code": "1.000003", "departmentsAuthority": [7]}
WORDS = ("name", "code", "type", "value", "fees", "submissionMethod", "processingTime", "processingTimeUnit",
         "processingDay", "qty", "profileComponents", "originalQty", "description", "id")  # fmt: skip


class Sample:
    """Writes the two files from records or raw bytes and reads them as the import does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, listed: list[Any], details: list[Any] | None = None) -> tuple[list[ProcedureContent], ImportReport]:
        self._write("catalog.jsonl", listed)
        if details is not None:
            self._write("details.jsonl", details)
        report = ImportReport()
        planned = planned_versions(NationalFiles.find(self.folder), report, valid_from=date(2026, 7, 18))
        return [item.content for item in planned], report

    def one(
        self, detail: dict[str, Any], listed: dict[str, Any] | None = None
    ) -> tuple[ProcedureContent, ImportReport]:
        (content,), report = self.read([LISTED | (listed or {})], [DETAIL | detail])
        return content, report

    def _write(self, name: str, lines: list[Any]) -> None:
        raw = [line if isinstance(line, bytes) else json.dumps(line, ensure_ascii=False).encode() for line in lines]
        (self.folder / name).write_bytes(b"\n".join(raw) + b"\n")


@pytest.fixture
def sample(tmp_path):
    return Sample(tmp_path)


def method(channel: str = "DIRECT", value: object = 5, unit: str = "WORKING_DAY", **more: object) -> dict[str, object]:
    return {"submissionMethod": channel, "processingTime": value, "processingTimeUnit": unit, "fees": []} | more


def fee(value: object, note: str = "", **more: object) -> dict[str, object]:
    return method(fees=[{"type": "FEE", "value": value, "description": note, "currencyId": ""} | more])


def paper(name: str, **more: object) -> dict[str, object]:
    return {
        "name": name,
        "code": "G15-1",
        "originalQty": 1,
        "copyQty": 0,
        "required": False,
        "hasElectronicForm": False,
    } | more


def count(report: ImportReport, what: Normalisation) -> int:
    return report.normalised[what].count if what in report.normalised else 0


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"\xff\xfe{}", Refusal.NOT_UTF8),
        (b'{"code": "1.000009"', Refusal.NOT_JSON),
        (b"[" * 100_000, Refusal.NOT_JSON),
        (b"[1, 2]", Refusal.NOT_A_RECORD),
        (LISTED | {"code": "1.0133611"}, Refusal.CODE_INVALID),
        (LISTED | {"code": "1.014955-Xoa"}, Refusal.CODE_INVALID),
        (LISTED | {"code": None}, Refusal.CODE_INVALID),
        (LISTED, Refusal.CODE_REPEATED),
        (LISTED | {"code": "1.000002", "name": " \u200b "}, Refusal.NAME_MISSING),
        (LISTED | {"code": "1.000002", "name": "§¨ng ký khai sinh t¹i Th¸i Nguyªn"}, Refusal.LEGACY_ENCODING),
        (LISTED | {"code": "1.000002", "state": "DRAFT"}, Refusal.STATE_UNKNOWN),
        (LISTED | {"code": "1.000002", "categories": 7}, Refusal.RECORD_MALFORMED),
    ],
)
def test_a_bad_line_is_refused_with_its_reason_and_place_and_the_others_are_read(sample, line, why):
    contents, report = sample.read([LISTED, line, b"", LISTED | {"code": "1.000003"}])

    assert [content.code for content in contents] == ["1.000001", "1.000003"]
    assert report.refused[why].examples == ["catalog.jsonl:2"]
    assert report.refused_lines == 1
    assert report.read == {"catalog.jsonl": 3}


def test_a_code_with_spaces_gives_way_to_the_one_without(sample):
    contents, report = sample.read(
        [LISTED | {"code": " 1.000001", "name": "Sai"}, LISTED, LISTED | {"code": "1.000002 "}]
    )

    assert [(content.code, content.name) for content in contents] == [
        ("1.000001", "Thủ tục thử nghiệm"), ("1.000002", "Thủ tục thử nghiệm"),
    ]  # fmt: skip
    assert report.refused[Refusal.CODE_REPEATED].examples == ["catalog.jsonl:1"]
    assert count(report, Normalisation.CODE_PADDED) == 1


def test_a_list_record_without_a_full_one_says_that_details_are_missing(sample):
    (content,), _ = sample.read([LISTED])

    assert not content.detailed
    assert content.authority_levels == (AuthorityLevel.COMMUNE,)
    assert content.field.code == ""


def test_the_field_code_of_a_full_record_serves_every_list_record_of_the_field(sample):
    contents, _ = sample.read([LISTED, LISTED | {"code": "1.000002"}], [DETAIL])

    assert [content.field.code for content in contents] == ["G15-TP07", "G15-TP07"]
    assert [content.detailed for content in contents] == [True, False]


def test_a_full_record_the_list_does_not_hold_is_taken(sample):
    contents, _ = sample.read([LISTED], [DETAIL, DETAIL | {"code": "1.000007"}])

    assert [content.code for content in contents] == ["1.000001", "1.000007"]
    assert contents[1].field.name == "Hộ tịch"


def test_a_malformed_full_record_leaves_what_the_list_says(sample):
    contents, report = sample.read([LISTED], [DETAIL | {"executionMethods": [{"submissionMethod": "PIGEON"}]}])

    assert [content.detailed for content in contents] == [False]
    assert report.refused[Refusal.RECORD_MALFORMED].examples == ["details.jsonl:1"]


@pytest.mark.parametrize("key", ["categories", "departments"])
def test_words_people_search_by_are_refused_in_an_old_encoding(sample, key):
    contents, report = sample.read([LISTED | {key: ["Hé tÞch t¹i Th¸i Nguyªn"]}], [DETAIL])

    assert contents == []
    assert report.refused[Refusal.LEGACY_ENCODING].count == 1


@pytest.mark.parametrize(
    ("value", "note", "expected"),
    [
        (0, "", 0),
        (0, "Miễn lệ phí. Phí cấp bản sao theo Thông tư 281", 0),
        (0, "Theo quy định của Hội đồng nhân dân cấp tỉnh", None),
        (0, "Mức lệ phí do Hội đồng nhân dân quyết định. Miễn lệ phí cho người khuyết tật", None),
        (None, "Do Hội đồng nhân dân tỉnh quy định", None),
        (None, "", None),
        (7000, "Nộp trực tuyến", 7000),
    ],
)
def test_a_fee_of_nothing_is_free_only_where_the_note_does_not_say_otherwise(sample, value, note, expected):
    content, report = sample.one({"executionMethods": [fee(value, note)]})

    assert [found.amount for found in content.fees] == [expected]
    assert content.fees[0].note == note
    assert count(report, Normalisation.FEE_IN_NOTE) == (expected is None)


def test_a_fee_in_dollars_is_left_to_its_note(sample):
    content, report = sample.one({"executionMethods": [fee(5, "mỗi thị thực", currencyName="USD")]})

    assert content.fees[0].amount is None
    assert content.fees[0].note == "5 USD. mỗi thị thực"
    assert count(report, Normalisation.FEE_NOT_IN_DONG) == 1


def test_a_fee_listed_twice_counts_once(sample):
    content, report = sample.one({"executionMethods": [fee(5000), fee(5000)]})

    assert len(content.fees) == 1
    assert count(report, Normalisation.FEE_REPEATED) == 1


CASE = {"name": "Thử", "code": "1.000001.01", "processingDay": {"qty": 3, "type": "WORKING_DAY"}}


@pytest.mark.parametrize(
    ("value", "cases", "expected"),
    [
        (3, [CASE], (3, TimeUnit.WORKING_DAY)),
        (7, [CASE | {"processingDay": {"qty": 12, "type": "WORKING_DAY"}}], (7, TimeUnit.WORKING_DAY)),
        (1, [CASE | {"processingDay": {"qty": 1, "type": "DAY"}}], (1, TimeUnit.DAY)),
        ("Theo mô tả", [CASE], (3, TimeUnit.WORKING_DAY)),
        ("Theo mô tả", [], None),
        (3, [CASE | {"processingDay": {"qty": 3, "type": "OTHER"}}], None),
        (3, [], None),
    ],
)
def test_a_time_of_unit_other_is_resolved_from_the_sub_case(sample, value, cases, expected):
    content, report = sample.one({"executionMethods": [method(value=value, unit="OTHER")], "cases": cases})

    assert [(time.value, time.unit) for time in content.times] == ([expected] if expected else [])
    resolved = count(report, Normalisation.TIME_FROM_SUB_CASE)
    assert (resolved, count(report, Normalisation.TIME_NOT_STATED)) == ((1, 0) if expected else (0, 1))


def test_a_time_only_words_describe_is_kept_as_advice(sample):
    content, _ = sample.one({"executionMethods": [method(value="Không quá 10 ngày làm việc", unit="OTHER")]})

    assert content.guidance == ("Không quá 10 ngày làm việc",)


def test_steps_that_speak_of_1500_make_one_day_a_same_day_time(sample):
    steps = [
        {"name": "", "description": "nếu tiếp nhận hồ sơ sau 15 giờ thì trả kết quả trong ngày làm việc tiếp theo"}
    ]
    content, _ = sample.one({"executionMethods": [method(value=1), method("ONLINE", value=3)], "executionSteps": steps})

    assert [time.same_day for time in content.times] == [True, False]


def test_advice_among_the_papers_is_moved_and_no_paper_is_demanded(sample):
    cases = [
        {"name": "* Giấy tờ phải nộp:", "profileComponents": [
            paper("- Tờ khai theo mẫu;"), paper("Trường hợp đã có dữ liệu thì không phải nộp", originalQty=0),
            paper("Biểu mẫu điện tử", originalQty=0, hasElectronicForm=True, code="G15-2")]},
        {"name": "* Lưu ý:", "profileComponents": [paper("Người tiếp nhận có trách nhiệm kiểm tra", copyQty=1)]},
    ]  # fmt: skip
    content, report = sample.one({"executionCases": cases})

    (group,) = content.document_groups
    assert group.rule is GroupRule.AS_NEEDED
    assert [document.name for document in group.documents] == ["Tờ khai theo mẫu", "Biểu mẫu điện tử"]
    assert content.guidance == (
        "Trường hợp đã có dữ liệu thì không phải nộp", "Người tiếp nhận có trách nhiệm kiểm tra",
    )  # fmt: skip
    assert count(report, Normalisation.GUIDANCE_MOVED) == 2
    assert count(report, Normalisation.REQUIRED_FLAG_IGNORED) == 2


def test_a_component_of_several_cases_has_a_key_for_each(sample):
    cases = [{"name": name, "profileComponents": [paper("Đơn")]} for name in ("Trường hợp 1", "Trường hợp 2")]
    content, _ = sample.one({"executionCases": cases})

    assert [group.documents[0].key for group in content.document_groups] == ["G15-1", "G15-1_2"]
    assert {group.documents[0].national_code for group in content.document_groups} == {"G15-1"}


def test_sub_cases_are_taken_once_and_only_those_of_the_procedure(sample):
    content, report = sample.one({"cases": [CASE, CASE, CASE | {"code": "1.000002.01"}]})

    assert [case.code for case in content.sub_cases] == ["1.000001.01"]
    assert count(report, Normalisation.SUB_CASE_REPEATED) == 1
    assert count(report, Normalisation.SUB_CASE_FOREIGN) == 1


def test_names_are_rewritten_without_invisible_signs_and_with_tones_in_their_place(sample):
    (content,), report = sample.read(
        [LISTED | {"name": "Đăng k\u200eý  Hoà\u00a0giải\x00 ", "departments": ["", "Sở Y tế"]}]
    )

    assert content.name == "Đăng ký Hòa giải"
    assert content.authority == "Sở Y tế"
    assert count(report, Normalisation.TEXT_CLEANED) == 1
    assert count(report, Normalisation.AUTHORITY_BLANK) == 1


def test_flags_become_level_channels_and_authority(sample):
    methods = [method("ONLINE"), method("DIRECT"), method("POSTAL")]
    content, _ = sample.one({"executionMethods": methods, "isFullProcess": True})

    assert content.service_level is ServiceLevel.FULL
    assert content.channels == (Channel.DIRECT, Channel.ONLINE, Channel.POSTAL)
    assert content.minimum_ial == 2
    assert content.non_territorial


@pytest.mark.parametrize(
    ("kind", "issuer", "expected"),
    [("SPECIFIC", "UBND Thành phố Huế", True), ("SPECIFIC", "UBND tỉnh Thái Nguyên", False),
     ("STANDARD_INTERNAL", "Bộ Tư pháp", True), ("STANDARD", "Bộ Tư pháp", False)],
)  # fmt: skip
def test_procedures_nobody_here_submits_are_known_as_such(sample, kind, issuer, expected):
    (content,), _ = sample.read([LISTED | {"type": kind, "departmentPromulgate": issuer}])

    assert content.meant_for_others is expected


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    listed=st.dictionaries(st.sampled_from([*LISTED]), json_values),
    detail=st.dictionaries(st.sampled_from([*DETAIL]), json_values),
)
def test_no_shape_of_a_record_stops_the_reading(sample, listed, detail):
    record = LISTED | {"code": "1.000002"}

    contents, report = sample.read([LISTED | listed, record], [DETAIL | detail, DETAIL | {"code": "1.000002"}, ODD])

    assert "1.000002" in [content.code for content in contents]
    assert report.read == {"catalog.jsonl": 2, "details.jsonl": 3}
    assert all(from_json(to_json(content)) == content for content in contents)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="give the folder"):
        NationalFiles.find(tmp_path)


def test_every_kind_of_remark_has_its_meaning():
    assert set(MEANINGS) == {*Normalisation, *Refusal}
