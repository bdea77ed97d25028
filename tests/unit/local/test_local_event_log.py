"""The event log shows what lies on the bus, also what nobody can read."""

from datetime import UTC, datetime

from songcau_local import event_log


def test_a_record_that_nobody_can_read_is_shown_without_content():
    row = (
        "identity.citizen.v1",
        0,
        7,
        "somebody",
        b"\xff no message",
        {"ce_id": "x"},
        datetime(2026, 1, 1, tzinfo=UTC),
    )

    event = event_log._event(row, event_log._messages())

    assert (event.topic, event.offset, event.content, event.fact, event.version) == (row[0], 7, {}, "?", 0)
