"""Open addresses placed again: when hamlets become known, are corrected or renamed, and once a day."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from songcau.identity.v1 import address_service_pb2 as pb
from songcau_identity.address_doors import build_address_work
from songcau_identity.addresses.hamlet_list import HamletListError, load_hamlets
from songcau_identity.app import build_desk
from songcau_kit.clock import VIETNAM, FixedClock, SystemClock
from support.address_acts import doubts, own, propose, record, resolve, written
from support.identity_service import Identity, reason_of

FIRST = "old_code,old_valid_from,name,unit_code\n"
HAMLET, RENAMED = "Xóm Thử Nghiệm", "Tổ 19"


def old(hamlet: str = "", kind: str = "PERMANENT") -> Any:
    """Return an address of a split ward, written when there were districts."""
    return written(kind=kind, hamlet=hamlet, written_on="2020-01-01")


@pytest.fixture
def citizen(identity: Identity) -> Any:
    return identity.link().citizen


def another(identity: Identity, place: int = 2) -> Any:
    return identity.link(number=f"01918500000{place}", full_name="Nông Văn Thử").citizen


def load(identity: Identity, tmp_path: Path, **hamlets: str) -> Any:
    """Load a list: unit of today by hamlet, spaces as underscores."""
    file = tmp_path / "hamlets.csv"
    rows = (f"05467,2004-07-08,{name.replace('_', ' ')},{unit}\n" for name, unit in hamlets.items())
    file.write_text(FIRST + "".join(rows), encoding="utf-8")
    return load_hamlets(identity.database, file)


def place(identity: Identity, clock: Any = None) -> int:
    desk = build_desk(identity.settings, identity.database, clock or SystemClock())
    work = build_address_work(identity.settings, desk)
    looked = 0
    while portion := work.look():
        looked += portion
    return looked


def units(identity: Identity, citizen: Any) -> list[str]:
    return [one.unit_now.code for one in own(identity, citizen.citizen_id)]


def test_an_open_address_is_placed_once_the_province_lists_its_hamlet(identity: Identity, citizen: Any, tmp_path: Path):
    waiting = propose(identity, citizen.citizen_id, old(HAMLET))
    loaded = load(identity, tmp_path, Xóm_Thử_Nghiệm="05500")
    assert (loaded.hamlets, loaded.addresses) == (1, 1)
    assert units(identity, citizen) == [""]
    assert place(identity) == 1
    (address,) = own(identity, citizen.citizen_id)
    assert (address.unit_now.code, address.basis) == ("05500", pb.ADDRESS_BASIS_HAMLET)
    assert doubts(identity, "H55.214").doubts == []
    event = identity.events()[-1]
    assert (event.WhichOneof("fact"), event.address_resolved.address_id) == ("address_resolved", waiting.address_id)
    assert ("SYSTEM", "RESOLVE_ADDRESS", "ALLOWED") in [(one[1], one[3], one[5]) for one in identity.audit()]


def test_placing_and_loading_again_change_nothing(identity: Identity, citizen: Any, tmp_path: Path):
    propose(identity, citizen.citizen_id, old(HAMLET))
    propose(identity, another(identity).citizen_id, old("Xóm Khác"))
    for expected in (2, 1):
        load(identity, tmp_path, Xóm_Thử_Nghiệm="05500")
        assert place(identity) == expected
    assert place(identity) == 0
    assert identity.facts().count("address_resolved") == 1
    assert [one[1] for one in identity.audit() if one[3] == "RESOLVE_ADDRESS"] == ["SYSTEM"]
    assert identity.rows("select version from citizens order by version")[-1] == (2,)


def test_a_list_takes_the_place_of_the_one_before_corrections_and_new_names_included(
    identity: Identity, citizen: Any, tmp_path: Path
):
    load(identity, tmp_path, Xóm_Thử_Nghiệm="05467")
    propose(identity, citizen.citizen_id, old(HAMLET))
    propose(identity, another(identity).citizen_id, old(RENAMED))
    load(identity, tmp_path, Xóm_Thử_Nghiệm="05500", Tổ_19="05500")
    place(identity)
    # Known by the list of its day: what officers saw stays.
    assert units(identity, citizen) == ["05467"]
    assert units(identity, another(identity)) == ["05500"]
    third = another(identity, 3)
    propose(identity, third.citizen_id, old(HAMLET))
    assert units(identity, third) == ["05500"]


def test_the_list_stands_above_what_an_officer_found(identity: Identity, citizen: Any, tmp_path: Path):
    resolve(identity, record(identity, citizen, old()), "05500", hamlet=HAMLET)
    load(identity, tmp_path, Xóm_Thử_Nghiệm="05467", Tổ_19="05467")
    other = another(identity)
    propose(identity, other.citizen_id, old(HAMLET))
    assert units(identity, other) == ["05467"]
    waiting = propose(identity, other.citizen_id, old(kind="CURRENT"))
    assert reason_of(lambda: resolve(identity, waiting, "05500", hamlet=RENAMED)) == "HAMLET_ELSEWHERE"


def test_a_wrong_list_changes_nothing(identity: Identity, tmp_path: Path):
    load(identity, tmp_path, Tổ_19="05500")
    with pytest.raises(HamletListError, match="line 3"):
        load(identity, tmp_path, Tổ_20="05500", Tổ_21="05740")
    assert identity.rows("select name from listed_hamlets") == [("tổ 19",)]


def test_what_an_officer_found_places_earlier_addresses_on_the_next_day(identity: Identity, citizen: Any):
    other = another(identity)
    propose(identity, other.citizen_id, old(HAMLET))
    resolve(identity, record(identity, citizen, old()), "05467", hamlet=HAMLET)
    assert place(identity) == 0
    tomorrow = FixedClock(datetime.combine(date(2999, 1, 1), time(0, 0, 30), VIETNAM).astimezone(UTC), seed=1)
    assert place(identity, tomorrow) == 1
    assert units(identity, other) == ["05467"]


def test_an_interrupted_round_goes_on_where_it_was(identity: Identity, tmp_path: Path):
    people = [another(identity, number) for number in range(1, 4)]
    for person in people:
        propose(identity, person.citizen_id, old(HAMLET))
    load(identity, tmp_path, Xóm_Thử_Nghiệm="05500")
    desk = build_desk(identity.settings, identity.database, SystemClock())
    first = build_address_work(identity.settings, desk, at_most=1)
    assert first.look() == 1
    assert sorted(units(identity, person) for person in people) == [[""], [""], ["05500"]]
    assert place(identity) == 2
    assert identity.facts().count("address_resolved") == 3


def test_processes_at_once_place_each_address_once(identity: Identity, tmp_path: Path):
    for number in range(1, 7):
        propose(identity, another(identity, number).citizen_id, old(HAMLET))
    load(identity, tmp_path, Xóm_Thử_Nghiệm="05500")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: place(identity), range(4)))
    assert identity.facts().count("address_resolved") == 6
    assert identity.rows("select from address_doubts") == []


def test_what_an_older_release_entered_is_looked_at_once(identity: Identity, citizen: Any):
    record(identity, citizen, written("Xã Cúc Đường, huyện Võ Nhai"))
    decided = record(identity, another(identity), written("Xã Cúc Đường, huyện Võ Nhai"))
    resolve(identity, decided, "05740")
    with identity.database.transaction() as conn:
        conn.execute("delete from address_doubts")
        conn.execute("update addresses set placed_on = null")
    assert place(identity) == 1
    (one,) = doubts(identity, "H55.242").doubts
    assert (one.address.citizen_id, list(one.doubts)) == (citizen.citizen_id, ["DISTRICT_ABOLISHED"])
    assert place(identity) == 0


def test_the_command_loads_a_list_or_says_what_is_wrong(identity: Identity, tmp_path: Path):
    def run(lines: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "songcau_identity", "load-hamlets", "/dev/stdin"],
            input=FIRST + lines,
            env={"IDENTITY_DATABASE_URL": identity.url, "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            check=False,
        )

    done = run("05467,2004-07-08,Tổ 3,05500\n")
    assert (done.returncode, "1 hamlets listed" in done.stdout) == (0, True), done.stderr
    failed = run("05467,2004-07-08,Tổ 3,05740\n")
    assert (failed.returncode, "line 2" in failed.stderr) == (1, True)
    assert identity.rows("select unit_code from listed_hamlets") == [("05500",)]
