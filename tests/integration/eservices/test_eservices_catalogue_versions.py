"""Versions of procedures: which one a day shows, how imports follow one another, what stays when nothing changed."""

from collections.abc import Iterator
from datetime import date

import psycopg
import pytest
from songcau.eservices.v1 import procedure_service_pb2 as pb
from songcau_eservices.catalogue import repository
from songcau_eservices.catalogue.import_command import report_lines
from songcau_eservices.catalogue.national_import import NationalFiles, import_national
from songcau_eservices.seeding import seed
from songcau_kit.clock import VIETNAM
from songcau_kit.errors import DomainError
from support.catalogue_site import CatalogueSite, catalogue_site, listed, write_files

JULY, TODAY = date(2026, 7, 18), date(2026, 11, 23)


@pytest.fixture
def site(postgres_url_factory) -> Iterator[CatalogueSite]:
    with catalogue_site(postgres_url_factory("catalogue_versions")) as opened:
        yield opened


def load(site: CatalogueSite, folder, records, valid_from: date = JULY):
    return import_national(
        NationalFiles.find(write_files(folder, records)), site.database, site.clock, valid_from=valid_from
    )


def get(site: CatalogueSite, code: str, on: str = "") -> pb.Procedure:
    return site.procedures.GetProcedure(pb.GetProcedureRequest(code=code, on=on)).procedure


def dump(url: str) -> list[tuple]:
    with psycopg.connect(url) as connection:
        tables = ("procedures", "procedure_versions", "administrative_units", "unit_successions", "agencies")
        return [
            row
            for table in tables
            for row in connection.execute(f"select t.*, t.xmin::text from {table} t order by 1, 2")
        ]


def test_a_procedure_shows_everything_a_citizen_needs(site):
    procedure = get(site, "1.001193")

    current = procedure.current
    assert procedure.version == 1
    assert current.source == pb.PROCEDURE_SOURCE_CURATED
    assert (current.field_code, current.minimum_ial) == ("G15-TP07", 2)
    assert list(current.channels) == [pb.CHANNEL_DIRECT, pb.CHANNEL_ONLINE, pb.CHANNEL_POSTAL]
    assert (current.times[0].value, current.times[0].unit, current.times[0].same_day) == (
        1,
        pb.TIME_UNIT_WORKING_DAY,
        True,
    )
    assert current.fees[0].HasField("amount")
    assert current.fees[0].amount == 0
    assert [choice.value for choice in current.questions[0].choices] == ["certificate", "electronic", "witness", "none"]
    proof = next(group for group in current.document_groups if group.key == "birth_proof")
    assert (proof.when[0].question, list(proof.when[0].values)) == ("abandoned", ["false"])
    assert current.results[0].code == "KQ.G15.000031"


def test_a_fee_set_elsewhere_has_no_amount_on_the_wire(site):
    assert not get(site, "1.004873").current.fees[0].HasField("amount")


def test_the_version_of_the_day_is_shown_and_the_history_beside_it(site):
    former, today = get(site, "3.000347", "2025-12-31"), get(site, "3.000347")

    assert former.current.fees[1].amount == 115_000
    assert today.current.fees[0].amount == 135_000
    assert [(line.valid_from, line.valid_to) for line in today.versions] == [
        ("2026-01-01", ""), ("2025-03-01", "2026-01-01"),
    ]  # fmt: skip
    assert today.current.id == today.versions[0].id


@pytest.mark.parametrize(
    ("code", "on", "reason"),
    [("9.999999", "", "PROCEDURE_NOT_FOUND"), ("nonsense", "", "PROCEDURE_NOT_FOUND"),
     ("3.000347", "2001-01-01", "PROCEDURE_NOT_VALID"), ("3.000347", "yesterday", "INVALID_REQUEST")],
)  # fmt: skip
def test_what_is_not_there_is_refused_with_its_reason(site, code, on, reason):
    with pytest.raises(DomainError) as caught:
        get(site, code, on)

    assert caught.value.reason.code == reason


def test_the_provincial_form_of_a_code_is_understood(site):
    assert get(site, "2.000815.000.00.00.H55.02").code == "2.000815"


def test_seeding_again_writes_nothing(site):
    before = dump(site.url)

    report = seed(site.database, site.clock)

    assert (report.procedures.new, report.procedures.changed, report.procedures.unchanged) == (0, 0, 24)
    assert dump(site.url) == before


def test_importing_again_writes_nothing(site, tmp_path):
    records = [listed("7.000001", "Một"), listed("7.000002", "Hai"), listed("1.001193", "Khai sinh")]
    assert load(site, tmp_path, records).loaded.new == 3
    before = dump(site.url)

    again = load(site, tmp_path, records, TODAY).loaded

    assert (again.new, again.changed, again.unchanged) == (0, 0, 3)
    assert dump(site.url) == before


def test_a_changed_record_ends_the_old_version_and_starts_a_new_one(site, tmp_path):
    load(site, tmp_path, [listed("7.000001", "Tên cũ"), listed("7.000002", "Giữ nguyên")])
    old = get(site, "7.000001")

    loaded = load(site, tmp_path, [listed("7.000001", "Tên mới"), listed("7.000002", "Giữ nguyên")], TODAY).loaded

    new = get(site, "7.000001")
    assert (loaded.new, loaded.changed, loaded.unchanged) == (0, 1, 1)
    assert (new.current.name, new.current.valid_from, new.version) == ("Tên mới", "2026-11-23", old.version + 1)
    assert get(site, "7.000001", "2026-11-22").current.name == "Tên cũ"
    assert [(line.number, line.valid_from, line.valid_to) for line in new.versions] == [
        (2, "2026-11-23", ""), (1, "2026-07-18", "2026-11-23"),
    ]  # fmt: skip
    assert get(site, "7.000002").version == 1


def test_a_version_a_dossier_refers_to_stays_readable(site, tmp_path):
    load(site, tmp_path, [listed("7.000001", "Tên cũ")])
    with site.database.read() as conn:
        kept = repository.find_current_version(conn, "7.000001", JULY)
    load(site, tmp_path, [listed("7.000001", "Tên mới")], JULY)  # corrected on the very day it began

    with site.database.read() as conn:
        assert kept is not None
        assert repository.get_version(conn, kept.id).content.name == "Tên cũ"
        current = repository.find_current_version(conn, "7.000001", JULY)
    assert current is not None
    assert current.content.name == "Tên mới"


def test_an_import_never_covers_the_provinces_own_text(site, tmp_path):
    load(site, tmp_path, [listed("1.001193", "Thủ tục đăng ký khai sinh")])

    procedure = get(site, "1.001193")

    assert procedure.current.source == pb.PROCEDURE_SOURCE_CURATED
    assert {line.source for line in procedure.versions} == {pb.PROCEDURE_SOURCE_CURATED, pb.PROCEDURE_SOURCE_NATIONAL}
    found = site.procedures.SearchProcedures(pb.SearchProceduresRequest(query="1.001193")).procedures
    assert [hit.name for hit in found] == ["Đăng ký khai sinh"]


def test_an_import_that_fails_in_the_middle_leaves_nothing(site, tmp_path):
    before = dump(site.url)
    files = NationalFiles.find(write_files(tmp_path, [listed(f"7.{number:06d}", "Một") for number in range(50)]))

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_national(files, site.database, site.clock, valid_from=TODAY, progress=interrupt)

    assert dump(site.url) == before


@pytest.mark.national_catalogue
def test_the_real_national_catalogue_is_taken_whole_and_twice(site, data_folder):
    files = NationalFiles.find(data_folder / "national-catalogue")

    first = import_national(files, site.database, site.clock, valid_from=TODAY)
    second = import_national(files, site.database, site.clock, valid_from=TODAY)

    assert first.read == {"catalog.jsonl": 5670, "details.jsonl": 400}
    assert first.loaded.new + first.refused_lines == 5670
    assert first.refused_lines == 4
    assert (second.loaded.new, second.loaded.changed, second.loaded.unchanged) == (0, 0, first.loaded.new)
    lines = "\n".join(report_lines(first))
    for word in ("read 400 lines of details.jsonl", "FEE_IN_NOTE", "REQUIRED_FLAG_IGNORED", "GUIDANCE_MOVED",
                 "TIME_FROM_SUB_CASE", "CODE_INVALID", "catalog.jsonl:1310"):  # fmt: skip
        assert word in lines
    hits = site.procedures.SearchProcedures(pb.SearchProceduresRequest(query="nhan cha me con", page_size=3))
    assert any("nhận cha, mẹ, con" in hit.name for hit in hits.procedures)
    detailed = get(site, "1.000080").current
    assert detailed.detailed
    assert detailed.guidance
    assert {group.rule for group in detailed.document_groups} == {pb.GROUP_RULE_AS_NEEDED}


def test_today_is_the_day_in_vietnam(site):
    site.clock.set(site.clock.now().replace(year=2025, month=12, day=31, hour=18))  # already 2026 in Vietnam

    assert site.clock.now().astimezone(VIETNAM).date() == date(2026, 1, 1)
    assert get(site, "3.000347").current.fees[0].amount == 135_000
