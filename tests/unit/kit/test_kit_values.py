"""The small values of the kit: clock, ids, personal values, reasons, callers, cursors, metrics."""

import copy
import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from songcau_kit import errors, metrics
from songcau_kit.caller import Caller
from songcau_kit.clock import VIETNAM, FixedClock, SystemClock, local_date
from songcau_kit.cursors import CursorSigner
from songcau_kit.errors import DomainError, Reason, ReasonTable, Status, Violation
from songcau_kit.personal import Personal, PersonalDataError

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


class TestClock:
    def test_the_system_clock_is_aware_and_in_utc(self):
        assert SystemClock().now().utcoffset() == timedelta(0)

    def test_system_ids_are_version_seven_unique_and_ascend(self):
        clock = SystemClock()
        ids = [clock.new_id() for _ in range(1000)]
        assert {identifier.version for identifier in ids} == {7}
        assert len(set(ids)) == 1000
        assert sorted(ids) == ids

    def test_a_fixed_clock_moves_only_when_told(self):
        clock = FixedClock(NOON)
        assert clock.now() == clock.now() == NOON
        clock.advance(timedelta(minutes=5))
        assert clock.now() == NOON + timedelta(minutes=5)
        clock.set(datetime(2026, 12, 1, 7, 0, tzinfo=VIETNAM))
        assert clock.now() == datetime(2026, 12, 1, 0, 0, tzinfo=UTC)
        assert clock.now().tzinfo is UTC

    def test_the_same_seed_gives_the_same_ids(self):
        one, same, other = FixedClock(NOON, seed=1), FixedClock(NOON, seed=1), FixedClock(NOON, seed=2)
        ids = [one.new_id() for _ in range(100)]
        assert ids == [same.new_id() for _ in range(100)]
        assert set(ids).isdisjoint(other.new_id() for _ in range(100))
        assert sorted(ids) == ids
        assert {identifier.version for identifier in ids} == {7}
        assert {identifier.variant for identifier in ids} == {"specified in RFC 4122"}

    def test_a_fixed_id_carries_the_time(self):
        clock = FixedClock(NOON)
        assert clock.new_id().int >> 80 == int(NOON.timestamp() * 1000)

    def test_parallel_callers_get_different_ids(self):
        clock = FixedClock(NOON)
        with ThreadPoolExecutor(8) as pool:
            ids = list(pool.map(lambda _: clock.new_id(), range(500)))
        assert len(set(ids)) == 500

    def test_an_instant_without_offset_is_refused(self):
        with pytest.raises(ValueError, match="offset"):
            FixedClock(datetime(2026, 1, 1))
        with pytest.raises(ValueError, match="offset"):
            local_date(datetime(2026, 1, 1))

    def test_the_legal_date_is_vietnams(self):
        assert local_date(datetime(2026, 11, 22, 17, 0, tzinfo=UTC)) == date(2026, 11, 23)
        assert local_date(datetime(2026, 11, 22, 16, 59, tzinfo=UTC)) == date(2026, 11, 22)


@dataclass(frozen=True)
class Person:
    name: Personal


class TestPersonal:
    SECRET = Personal("Nguyễn Thị Thử")

    def test_only_reveal_gives_the_text(self):
        assert self.SECRET.reveal() == "Nguyễn Thị Thử"

    @pytest.mark.parametrize(
        "attempt",
        [
            str,
            bytes,
            format,
            pickle.dumps,
            lambda value: f"{value}",
            lambda value: f"{value:>20}",
            lambda value: "%s" % value,  # noqa: UP031
            "{}".format,
            lambda value: json.dumps({"name": value}, default=str),
        ],
    )
    def test_every_way_to_write_it_out_is_refused_without_quoting_it(self, attempt):
        with pytest.raises(PersonalDataError) as caught:
            attempt(self.SECRET)
        assert "Nguy" not in str(caught.value)

    @pytest.mark.parametrize("attempt", [json.dumps, list, "".join, lambda value: value + "x", len])
    def test_it_is_no_text(self, attempt):
        with pytest.raises(TypeError) as caught:
            attempt(self.SECRET)
        assert "Nguy" not in str(caught.value)

    def test_its_representation_shows_nothing(self):
        assert repr(self.SECRET) == "Personal(•••)"
        assert "Nguy" not in repr(Person(self.SECRET)) + repr([self.SECRET]) + repr({"a": self.SECRET})

    def test_it_compares_by_value_and_never_equals_its_text(self):
        assert Personal("a") == Personal("a") != Personal("b")
        assert Personal("a") != "a"
        assert len({Personal("a"), Personal("a")}) == 1

    def test_it_does_not_change(self):
        with pytest.raises(AttributeError):
            self.SECRET._text = "other"
        with pytest.raises(AttributeError):
            del self.SECRET._text

    def test_it_can_be_copied_with_its_owner(self):
        assert copy.deepcopy(Person(self.SECRET)) == Person(self.SECRET)
        assert asdict(Person(self.SECRET)) == {"name": self.SECRET}

    def test_only_text_is_personal(self):
        with pytest.raises(TypeError):
            Personal(19309000001)


class TestReasons:
    def test_a_table_holds_its_reasons_in_order(self):
        table = ReasonTable("demo")
        first = table.add("A_FIRST", Status.NOT_FOUND, "the first")
        second = table.add("B_SECOND", Status.ABORTED, "the second")
        assert list(table) == [first, second]
        assert (first.domain, table.find("B_SECOND"), table.find("C")) == ("demo.songcau", second, None)

    @pytest.mark.parametrize("code", ["lower", "Mixed", "WITH-DASH", "", "WITH SPACE", "_"])
    def test_a_code_is_upper_snake(self, code):
        with pytest.raises(ValueError, match="UPPER_SNAKE"):
            ReasonTable("demo").add(code, Status.INTERNAL, "")

    def test_a_code_stands_once(self):
        table = ReasonTable("demo")
        table.add("A", Status.INTERNAL, "")
        with pytest.raises(ValueError, match="twice"):
            table.add("A", Status.INTERNAL, "")

    def test_reasons_are_equal_whatever_they_are_said_to_mean(self):
        assert Reason("A", Status.ABORTED, "d", "one") == Reason("A", Status.ABORTED, "d", "other")
        assert Reason("A", Status.ABORTED, "d", "one") != Reason("A", Status.ABORTED, "e", "one")

    def test_an_error_shows_its_code_only(self):
        error = DomainError(errors.INVALID_REQUEST, violations=[Violation("/a", "B")], details={"c": "d"})
        assert str(error) == "INVALID_REQUEST"
        assert error.violations == (Violation("/a", "B", ""),)
        assert error.details == {"c": "d"}

    def test_every_reason_of_the_kit_says_what_it_means(self):
        assert all(reason.meaning and reason.domain == "kit.songcau" for reason in errors.REASONS)


class TestCaller:
    CALLER = Caller(
        subject="s",
        client_id="c",
        roles=frozenset({"officer"}),
        scopes=frozenset({"a", "b"}),
        attributes={"agency_codes": ("H55.1", "H55.2")},
        token="secret",
    )

    def test_any_role_and_every_scope_count(self):
        assert self.CALLER.has_role("leader", "officer")
        assert not self.CALLER.has_role("leader")
        assert not self.CALLER.has_role()
        assert self.CALLER.has_scope("a", "b")
        assert self.CALLER.has_scope()
        assert not self.CALLER.has_scope("a", "c")

    def test_attributes_are_lists_with_a_first_value(self):
        assert self.CALLER.values("agency_codes") == ("H55.1", "H55.2")
        assert self.CALLER.attribute("agency_codes") == "H55.1"
        assert (self.CALLER.attribute("none"), self.CALLER.values("none")) == (None, ())

    def test_the_token_is_not_shown(self):
        assert "secret" not in repr(self.CALLER)


positions = st.dictionaries(
    st.text(max_size=5), st.one_of(st.text(max_size=20), st.integers(), st.booleans(), st.none()), max_size=4
)


class TestCursors:
    SIGNER = CursorSigner(b"k" * 32)

    @given(positions)
    def test_a_position_comes_back(self, position):
        cursor = self.SIGNER.encode(position)
        assert self.SIGNER.decode(cursor) == position
        assert all(character.isalnum() or character in "-_" for character in cursor)

    @given(positions, st.data())
    def test_a_changed_cursor_is_refused(self, position, data):
        cursor = self.SIGNER.encode(position)
        at = data.draw(st.integers(0, len(cursor) - 2))  # the last sign may hold unused bits
        other = data.draw(st.sampled_from("ABCabc019-_").filter(lambda sign: sign != cursor[at]))
        self.refused(self.SIGNER, cursor[:at] + other + cursor[at + 1 :])

    @given(st.text(max_size=80))
    def test_nonsense_is_refused(self, text):
        self.refused(self.SIGNER, text)

    def test_another_keys_cursor_is_refused(self):
        self.refused(CursorSigner(b"o" * 32), self.SIGNER.encode({"a": 1}))

    def test_a_short_key_is_refused(self):
        with pytest.raises(ValueError, match="16 bytes"):
            CursorSigner(b"short")

    def refused(self, signer, cursor):
        with pytest.raises(DomainError) as caught:
            signer.decode(cursor)
        assert caught.value.reason == errors.CURSOR_INVALID


class TestMetrics:
    def test_a_metric_is_made_once_and_named_by_the_rule(self):
        one = metrics.counter("kittest", "things_done", "things", labels=("kind",))
        assert metrics.counter("kittest", "things_done", "things", labels=("kind",)) is one
        assert next(iter(one.describe())).name == "songcau_kittest_things_done"
        assert next(iter(metrics.gauge("kittest", "lag", "seconds", description="").describe())).name.endswith(
            "_seconds"
        )

    def test_one_name_has_one_kind(self):
        metrics.gauge("kittest", "odd", "total", description="")
        with pytest.raises(TypeError, match="Gauge elsewhere"):
            metrics.counter("kittest", "odd", "")

    @pytest.mark.parametrize("what", ["Things", "a-b", "a b", "", "đ"])
    def test_a_name_is_lower_snake(self, what):
        with pytest.raises(ValueError, match="lower snake case"):
            metrics.counter("kittest", what, "")
