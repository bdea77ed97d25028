"""Finding procedures over gRPC: words with and without accents, codes, filters, pages, and only indexes underneath."""

from collections.abc import Iterator
from datetime import date

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from songcau.eservices.v1 import procedure_service_pb2 as pb
from songcau_eservices.catalogue.model import AuthorityLevel, ServiceLevel
from songcau_eservices.catalogue.national_import import NationalFiles, import_national
from songcau_eservices.catalogue.repository_search import search_statement, stay_on_indexes
from songcau_eservices.catalogue.search import BEFORE_ALL, Place, ProcedureFilter
from songcau_kit.errors import DomainError
from support.catalogue_site import CatalogueSite, catalogue_site, invented_list, listed, write_files

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def site(postgres_url_factory, tmp_path_factory) -> Iterator[CatalogueSite]:
    records = [
        *invented_list(3000),
        listed("8.000001", "Công nhận làng nghề Văn Lang"),
        listed("8.000002", "Công nhận làng nghề Văn Lăng"),
        listed("8.000003", "Hỗ trợ riêng của nơi khác", type="SPECIFIC", departmentPromulgate="UBND Thành phố Huế"),
        listed("8.000004", "Hỗ trợ riêng của tỉnh", type="SPECIFIC", departmentPromulgate="UBND tỉnh Thái Nguyên"),
        listed("1.001193", "Thủ tục đăng ký khai sinh"),
    ]
    files = NationalFiles.find(write_files(tmp_path_factory.mktemp("national"), records))
    with catalogue_site(postgres_url_factory("catalogue_search")) as opened:
        import_national(files, opened.database, opened.clock, valid_from=TODAY)
        yield opened


def search(site: CatalogueSite, **request: object) -> pb.SearchProceduresResponse:
    return site.procedures.SearchProcedures(pb.SearchProceduresRequest(**request))


def codes(site: CatalogueSite, **request: object) -> list[str]:
    return [found.code for found in search(site, **request).procedures]


def refused(call) -> DomainError:
    with pytest.raises(DomainError) as caught:
        call()
    return caught.value


@pytest.mark.parametrize(
    "words", ["dang ky khai sinh", "Đăng ký khai sinh", "ĐĂNG KÝ KHAI SINH", "sinh khai ký đăng", "khai sin"]
)
def test_words_are_found_however_they_are_accented_or_cased(site, words):
    assert codes(site, query=words)[0] == "1.001193"


def test_exact_accents_come_first_and_the_other_one_too(site):
    assert codes(site, query="Văn Lăng")[:2] == ["8.000002", "8.000001"]
    assert codes(site, query="Văn Lang")[:2] == ["8.000001", "8.000002"]


def test_the_place_of_the_tone_mark_does_not_matter(site):
    assert codes(site, query="làng văn hoá", page_size=3) == codes(site, query="làng văn hóa", page_size=3) != []


def test_the_last_word_may_be_unfinished_and_the_others_not(site):
    assert "1.004222" in codes(site, query="đăng ký thường tr")
    assert "1.004222" not in codes(site, query="đăng thườn trú")


def test_a_synonym_finds_a_curated_procedure(site):
    assert codes(site, query="bang lai xe") == ["3.000347"]
    assert codes(site, query="nhap ho khau")[0] == "1.004222"


def test_a_procedure_is_found_by_its_code_its_beginning_and_its_provincial_form(site):
    assert codes(site, query="1.001193") == ["1.001193"]
    assert codes(site, query="2.000815.000.00.00.H55") == ["2.000815"]
    assert set(codes(site, query="1.0041")) == {"1.004194"}


def test_the_provinces_own_text_stands_before_the_national_record_of_the_same_code(site):
    (found,) = search(site, query="1.001193").procedures

    assert found.source == pb.PROCEDURE_SOURCE_CURATED
    assert found.name == "Đăng ký khai sinh"


def test_what_only_another_province_offers_comes_last(site):
    assert codes(site, query="hỗ trợ riêng") == ["8.000004", "8.000003"]


def test_filters_narrow_the_list(site):
    by_code = search(site, field="G01-CA05").procedures
    assert {found.field_code for found in by_code} == {"G01-CA05"}
    assert codes(site, field="đang ky, quan ly cu tru") == [found.code for found in by_code]
    assert all("Công an" in found.authority for found in search(site, authority="cong an").procedures)
    assert all(found.online for found in search(site, online=True).procedures)
    assert not any(found.online for found in search(site, online=False).procedures)
    provincial = search(site, authority_level=pb.AUTHORITY_LEVEL_PROVINCE, query="y te").procedures
    assert provincial
    assert all(pb.AUTHORITY_LEVEL_PROVINCE in found.authority_levels for found in provincial)
    full = search(site, service_level=pb.SERVICE_LEVEL_FULL).procedures
    assert {found.service_level for found in full} == {pb.SERVICE_LEVEL_FULL}
    assert codes(site, query="khai sinh", online=True, field="Hộ tịch", authority="uy ban")[0] == "1.001193"


def test_pages_together_hold_every_hit_once_in_order(site):
    whole = codes(site, query="đăng ký", page_size=200)
    paged, token = [], ""
    while True:
        page = search(site, query="đăng ký", page_size=17, page_token=token)
        paged += [found.code for found in page.procedures]
        token = page.next_page_token
        if not token:
            break

    assert paged[:200] == whole
    assert len(paged) == len(set(paged)) > 200


def test_a_page_after_an_insert_neither_repeats_nor_skips(site, tmp_path):
    first = search(site, query="văn bằng", page_size=10)
    before = codes(site, query="văn bằng", page_size=200)
    files = NationalFiles.find(
        write_files(tmp_path, [listed("7.000001", "Văn bằng"), listed("7.000002", "Cấp văn bằng")])
    )
    import_national(files, site.database, site.clock, valid_from=TODAY)

    second = search(site, query="văn bằng", page_size=10, page_token=first.next_page_token)

    assert [found.code for found in (*first.procedures, *second.procedures)] == before[:20]


def test_a_token_of_another_question_or_an_altered_one_is_refused(site):
    token = search(site, query="đăng ký", page_size=2).next_page_token

    assert refused(lambda: search(site, query="cấp lại", page_token=token)).reason.code == "CURSOR_INVALID"
    assert refused(lambda: search(site, query="đăng ký", page_token=token[:-2] + "xx")).reason.code == "CURSOR_INVALID"


def test_the_day_of_the_first_page_holds_for_the_next(site):
    first = search(site, query="đăng ký", page_size=2)

    assert search(site, query="đăng ký", page_size=2, page_token=first.next_page_token, on="1999-01-01").procedures


@pytest.mark.parametrize(
    ("request_fields", "pointer", "code"),
    [
        ({"page_size": 201}, "/page_size", "OUT_OF_RANGE"),
        ({"page_size": -1}, "/page_size", "OUT_OF_RANGE"),
        ({"on": "2026-02-30"}, "/on", "MALFORMED"),
        ({"query": "x" * 201}, "/query", "LENGTH_OUT_OF_RANGE"),
        ({"query": "a\0b"}, "/query", "MALFORMED"),
        ({"authority_level": 99}, "/authority_level", "UNKNOWN_VALUE"),
    ],
)
def test_a_wrong_field_is_named(site, request_fields, pointer, code):
    error = refused(lambda: search(site, **request_fields))

    assert error.reason.code == "INVALID_REQUEST"
    assert [(violation.pointer, violation.code) for violation in error.violations] == [(pointer, code)]


def test_words_in_an_old_encoding_are_refused_with_the_sentence_of_the_kit(site):
    error = refused(lambda: search(site, query="§¨ng ký khai sinh t¹i Th¸i Nguyªn"))

    assert error.reason.code == "LEGACY_ENCODING"
    assert "convert it to Unicode" in error.violations[0].detail


@pytest.mark.parametrize("query", ["'", "a' | 'b", "\\", ":*", "&|!()", "<->", "khai & sinh", "%", "_", "…"])
def test_signs_of_the_search_language_are_only_signs(site, query):
    search(site, query=query)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60))
def test_no_text_breaks_a_search(site, text):
    try:
        search(site, query=text, page_size=1)
    except DomainError as error:
        assert error.reason.code in {"LEGACY_ENCODING", "INVALID_REQUEST"}  # noqa: PT017


def test_nothing_is_found_on_a_day_before_everything(site):
    assert codes(site, on="2001-01-01") == []


QUESTIONS = [
    {"query": "dang ky khai sinh"}, {"query": "đăng ký"}, {"query": "thu tuc"}, {"query": "cap"}, {"query": "c"},
    {"query": "th"}, {"query": "1.00"}, {"query": "1.001193"}, {}, {"field": "G13-TN02"}, {"field": "Đất đai"},
    {"authority": "Công an"},
    {"authority": "ủy ban nhân dân"}, {"online": True}, {"online": False}, {"service_level": ServiceLevel.FULL},
    {"authority_level": AuthorityLevel.MINISTRY}, {"query": "cấp", "online": True, "field": "Hộ tịch"},
]  # fmt: skip


@pytest.mark.parametrize("plan", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("question", QUESTIONS, ids=str)
@pytest.mark.parametrize("after", [BEFORE_ALL, Place(2, 1004, "5.000000")], ids=["first", "later"])
def test_no_search_reads_the_whole_table(site, question, plan, after):
    assert "Seq Scan" not in explained(site.url, question, plan, after)


@pytest.mark.national_catalogue
def test_no_search_reads_the_whole_table_with_the_real_catalogue(postgres_url_factory, data_folder):
    with catalogue_site(postgres_url_factory("catalogue_real")) as site:
        files = NationalFiles.find(data_folder / "national-catalogue")
        import_national(files, site.database, site.clock, valid_from=TODAY)

        for question in QUESTIONS:
            for plan in ("force_custom_plan", "force_generic_plan"):
                assert "Seq Scan" not in explained(site.url, question, plan, BEFORE_ALL), question


def explained(url: str, question: dict[str, object], plan: str, after: Place) -> str:
    statement, values = search_statement(ProcedureFilter(TODAY, **question), after, 51)
    with psycopg.connect(url) as connection:
        connection.execute(f"set local plan_cache_mode = {plan}")
        stay_on_indexes(connection)
        return "\n".join(row[0] for row in connection.execute("explain " + statement, values, prepare=True))
