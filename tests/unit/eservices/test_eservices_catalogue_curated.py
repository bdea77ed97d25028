"""The procedures the province wrote itself: complete, without contradictions, with the facts that are known."""

import re
from datetime import date

import pytest
from songcau_eservices.catalogue.content import ContentError, from_json, to_json
from songcau_eservices.catalogue.curated import curated_versions, read_versions
from songcau_eservices.catalogue.model import (
    Applicability,
    Channel,
    Condition,
    DocumentKind,
    GroupRule,
    TimeUnit,
    applicability,
)
from songcau_eservices.catalogue.terms import fees_for, find_processing_time

VERSIONS = curated_versions()
BY_CODE = {item.content.code: item.content for item in VERSIONS if item.valid_to is None}
CODES = [
    "1.001193",
    "1.000894",
    "1.004873",
    "1.000656",
    "2.000635",
    "2.000815",
    "2.000986",
    "1.004222",
    "1.004194",
    "1.010041",
    "1.014061",
    "3.000228",
    "3.000347",
    "3.000333",
    "1.013831",
    "1.001612",
    "1.001776",
    "1.001731",
    "1.001699",
    "1.011607",
    "1.014137",
    "1.012260",
    "1.013225",
]

MINIMAL = """
code: "1.000001"
valid_from: 2026-01-01
name: Thử
field: {name: Thử}
"""


def time_of(code: str, channel: Channel = Channel.DIRECT, **facts: str) -> tuple[int, TimeUnit, bool]:
    found = find_processing_time(BY_CODE[code], channel, facts)
    assert found is not None
    return found.value, found.unit, found.same_day


def amounts(code: str, channel: Channel = Channel.DIRECT, **facts: str) -> list[int | None]:
    return [fee.amount for fee in fees_for(BY_CODE[code], channel, facts)]


def test_all_23_procedures_are_there():
    assert sorted(BY_CODE) == sorted(CODES)


@pytest.mark.parametrize("code", CODES)
def test_a_procedure_says_what_a_citizen_needs(code):
    content = BY_CODE[code]

    assert re.fullmatch(r"[0-9]\.[0-9]{6}", code)
    assert content.name
    assert content.authority
    assert content.authority_levels
    assert content.channels
    assert content.times
    assert content.document_groups
    assert content.results
    assert find_processing_time(content, content.channels[0], {}) or any(time.when for time in content.times)


@pytest.mark.parametrize("item", VERSIONS, ids=lambda item: item.content.code)
def test_content_is_the_same_after_it_was_written_down(item):
    assert from_json(to_json(item.content)) == item.content


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("1.001193", (1, TimeUnit.WORKING_DAY, True)),
        ("1.000894", (1, TimeUnit.WORKING_DAY, False)),
        ("1.004873", (3, TimeUnit.WORKING_DAY, False)),
        ("2.000815", (1, TimeUnit.WORKING_DAY, True)),
        ("1.004222", (7, TimeUnit.WORKING_DAY, False)),
        ("1.014061", (7, TimeUnit.WORKING_DAY, False)),
        ("3.000333", (10, TimeUnit.DAY, False)),
        ("1.001699", (25, TimeUnit.WORKING_DAY, False)),
        ("1.011607", (15, TimeUnit.DAY, False)),
        ("1.012260", (10, TimeUnit.DAY, False)),
    ],
)
def test_processing_times_are_the_known_ones(code, expected):
    assert time_of(code) == expected


def test_a_fact_of_the_case_changes_the_time():
    assert time_of("1.000656", needs_verification="true")[0] == 5
    assert time_of("1.000656", needs_verification="false")[0] == 1
    assert time_of("1.013225", building="house")[0] == 7
    assert time_of("1.013225", building="works")[0] == 10


def test_fees_differ_by_channel():
    assert amounts("1.004222", Channel.DIRECT) == [20_000]
    assert amounts("1.004222", Channel.ONLINE) == [10_000]
    assert amounts("1.004194", Channel.ONLINE, by_list="false") == [7_000]
    assert amounts("1.004194", Channel.ONLINE, by_list="true") == [5_000]


def test_certified_copies_cost_less_from_the_third_page_and_have_a_cap():
    (fee,) = BY_CODE["2.000815"].fees

    assert [fee.total(pages) for pages in (1, 2, 3, 10, 500)] == [2_000, 4_000, 5_000, 12_000, 200_000]


def test_a_fee_set_by_the_council_has_no_amount():
    (fee,) = fees_for(BY_CODE["1.004873"], Channel.DIRECT, {})

    assert fee.amount is None
    assert fee.total() is None
    assert "Hội đồng nhân dân" in fee.note


def test_the_driving_licence_was_cheaper_online_until_the_end_of_2025():
    former = next(item for item in VERSIONS if item.content.code == "3.000347" and item.valid_to)

    assert former.valid_to == date(2026, 1, 1)
    assert [fee.amount for fee in fees_for(former.content, Channel.ONLINE, {})] == [115_000]
    assert amounts("3.000347", Channel.ONLINE) == [135_000]


def test_papers_depend_on_the_answers():
    groups = {group.key: group for group in BY_CODE["1.001193"].document_groups}
    papers = {document.key: document for document in groups["birth_proof"].documents}

    def of(key: str, **facts: str) -> Applicability:
        return applicability((*groups["birth_proof"].when, *papers[key].when), facts)

    assert of("birth_certificate", abandoned="false", birth_proof="certificate") is Applicability.APPLIES
    assert of("witness_statement", abandoned="false", birth_proof="certificate") is Applicability.DOES_NOT_APPLY
    assert of("birth_certificate", abandoned="false") is Applicability.DEPENDS
    assert of("birth_certificate", abandoned="true") is Applicability.DOES_NOT_APPLY


def test_there_are_groups_of_which_one_paper_is_enough_and_papers_only_shown():
    groups = [group for content in BY_CODE.values() for group in content.document_groups]

    assert any(group.rule is GroupRule.ONE_OF for group in groups)
    assert any(document.kind is DocumentKind.PRESENT for group in groups for document in group.documents)
    assert any(document.copies and not document.originals for group in groups for document in group.documents)


@pytest.mark.parametrize(
    ("addition", "fault"),
    [
        ("times: [{value: 1, unit: DAY, when: {married: yes_}}]", "no question 'married'"),
        ("questions: [{key: a, text: b}]\nfees: [{amount: 0, when: {a: maybe}}]", "with the answers maybe"),
        ("fees: [{amount: 5}]", "EXEMPT with a fee"),
        ("nmae: x", "nmae: no such field"),
        ("times: [{value: 1, unit: FORTNIGHT}]", "times.0.unit"),
        ('sub_cases: [{code: "1.000002.01", name: x}]', "starts with that of the procedure"),
        ("document_groups: [{key: a, title: a, documents: [{key: x, name: x}, {key: x, name: y}]}]", "stand twice"),
    ],
)
def test_a_text_that_contradicts_itself_is_refused_with_the_place(addition, fault):
    with pytest.raises(ContentError, match=re.escape(fault)):
        read_versions(MINIMAL + addition)


def test_versions_that_overlap_are_refused():
    with pytest.raises(ContentError, match="overlaps"):
        read_versions(f"{MINIMAL}---{MINIMAL}")


def test_a_missing_fact_leaves_a_condition_open_unless_another_fails():
    when = (Condition("a", ("1",)), Condition("b", ("1", "2")))

    assert applicability(when, {"a": "1"}) is Applicability.DEPENDS
    assert applicability(when, {"a": "2"}) is Applicability.DOES_NOT_APPLY
    assert applicability(when, {"a": "1", "b": "2"}) is Applicability.APPLIES
    assert applicability((), {}) is Applicability.APPLIES
