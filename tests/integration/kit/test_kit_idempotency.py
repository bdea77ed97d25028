import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from songcau_kit.database import Database
from songcau_kit.errors import DomainError
from songcau_kit.idempotency import IdempotencyKey, IdempotencyRegister, StoredResponse
from support.round_trips import counting_proxy

KEY = IdempotencyKey("person client", "SubmitDossier", "key-1")
PRINT = b"f" * 32
REGISTER = IdempotencyRegister()


class Reversing:
    def seal(self, response: bytes) -> bytes:
        return response[::-1]

    def open(self, sealed: bytes) -> bytes:
        return sealed[::-1]


def ask(database: Database, key: IdempotencyKey = KEY, fingerprint: bytes = PRINT) -> bytes:
    with database.transaction(pipeline=True) as connection:
        stored = REGISTER.begin(connection, key, fingerprint)
        if stored is not None:
            return b"stored " + stored.response
        REGISTER.finish(connection, key, b"answer")
        return b"answer"


def test_a_repeated_request_gets_the_first_ones_answer_however_often_it_comes(database):
    assert [ask(database) for _ in range(3)] == [b"answer", b"stored answer", b"stored answer"]


def test_the_answer_outlives_the_process(kit_url, database):
    ask(database)
    again = Database(kit_url, application_name="kit-restarted")
    assert ask(again) == b"stored answer"
    again.close()


@pytest.mark.parametrize(
    "other",
    [
        IdempotencyKey("other client", "SubmitDossier", "key-1"),
        IdempotencyKey("person client", "AcceptDossier", "key-1"),
        IdempotencyKey("person client", "SubmitDossier", "key-2"),
        IdempotencyKey("person clientSubmitDossier", "", "key-1"),
    ],
)
def test_the_same_key_of_another_scope_or_method_is_another_request(database, other):
    ask(database)
    assert ask(database, other) == b"answer"


def test_the_same_key_with_another_request_is_refused(database):
    ask(database)
    with pytest.raises(DomainError, match="IDEMPOTENCY_KEY_REUSED"):
        ask(database, fingerprint=b"g" * 32)


def test_a_request_that_failed_may_be_tried_again(database):
    with pytest.raises(KeyError), database.transaction(pipeline=True) as connection:
        assert REGISTER.begin(connection, KEY, PRINT) is None
        raise KeyError
    assert ask(database) == b"answer"


def test_a_request_whose_first_still_runs_is_told_so_without_waiting(database):
    with database.transaction(pipeline=True) as connection:
        assert REGISTER.begin(connection, KEY, PRINT) is None
        with pytest.raises(DomainError, match="IDEMPOTENCY_KEY_IN_PROGRESS"):
            ask(database)
        REGISTER.finish(connection, KEY, b"answer")
    assert ask(database) == b"stored answer"


def test_a_request_that_meets_the_commit_of_its_first_is_told_to_come_again(database):
    # Only the row keeps this second one waiting, so that its snapshot is older than the commit it waits for.
    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as connection:
            connection.execute(
                "insert into idempotency_keys (key_digest, fingerprint, response) values (%s, %s, 'answer')",
                (KEY.digest, KEY.bind(PRINT)),
            )
            second = pool.submit(ask, database)
            with pytest.raises(TimeoutError):
                second.result(0.3)
        with pytest.raises(DomainError, match="IDEMPOTENCY_KEY_IN_PROGRESS"):
            second.result(10)
    assert ask(database) == b"stored answer"


def test_of_parallel_requests_with_one_key_exactly_one_is_carried_out(database):
    with database.transaction() as connection:
        connection.execute("create table effects (id int)")
    answers: list[bytes] = []
    gate = threading.Barrier(8)

    def request() -> None:
        gate.wait()
        try:
            with database.transaction(pipeline=True) as connection:
                stored = REGISTER.begin(connection, KEY, PRINT)
                if stored is None:
                    connection.execute("insert into effects values (1)")
                    REGISTER.finish(connection, KEY, b"answer")
                answers.append(b"new" if stored is None else stored.response)
        except DomainError as error:
            answers.append(error.reason.code.encode())

    threads = [threading.Thread(target=request) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as connection:
        assert connection.execute("select count(*) from effects").fetchone() == (1,)
    assert answers.count(b"new") == 1
    assert set(answers) <= {b"new", b"answer", b"IDEMPOTENCY_KEY_IN_PROGRESS"}
    assert len(answers) == 8


def test_the_question_travels_with_the_reads_and_the_answer_with_the_writes(kit_url):
    with counting_proxy(kit_url) as proxy:
        database = Database(proxy.url, application_name="kit-test", min_size=1, max_size=1)
        database.check()
        with proxy.counting() as count, database.transaction(pipeline=True) as connection:
            claim = REGISTER.claim(connection, KEY, PRINT)
            connection.execute("select 1").fetchone()
            assert claim.stored() is None
            connection.execute("select pg_notify('nobody', '')")
            REGISTER.finish(connection, KEY, b"answer")
        assert (count.round_trips, count.sendings, count.commits) == (2, 2, 1)
        assert len(count.statements) == 6, count.statements
        database.close()


def test_a_cipher_keeps_the_answer_from_the_table(database):
    cipher = Reversing()
    with database.transaction(pipeline=True) as connection:
        REGISTER.begin(connection, KEY, PRINT, cipher=cipher)
        REGISTER.finish(connection, KEY, b"personal", cipher=cipher)
    with database.transaction(pipeline=True) as connection:
        assert connection.execute("select response from idempotency_keys").fetchone() == (b"lanosrep",)
        assert REGISTER.begin(connection, KEY, PRINT, cipher=cipher) == StoredResponse(b"personal")


def test_the_key_itself_is_not_stored(database):
    ask(database, IdempotencyKey("s", "m", "001099012345"))
    with database.read() as connection:
        row = connection.execute("select row_to_json(k)::text from idempotency_keys k").fetchone()
    assert "001099012345" not in str(row)


def test_keys_are_pruned_by_age_and_never_within_a_day(database):
    ask(database)
    with database.transaction() as connection:
        connection.execute("update idempotency_keys set created_at = now() - interval '47 hours'")
        assert REGISTER.prune(connection) == 0
        assert REGISTER.prune(connection, older_than=timedelta(hours=24)) == 1
        with pytest.raises(ValueError, match="24 hours"):
            REGISTER.prune(connection, older_than=timedelta(hours=23))
    assert ask(database) == b"answer"


def test_the_fingerprint_at_rest_tells_nothing_to_who_guesses_the_request(database):
    other = IdempotencyKey("person client", "SubmitDossier", "key-2")
    ask(database)
    ask(database, other)
    with database.read() as connection:
        rows = connection.execute("select fingerprint from idempotency_keys").fetchall()
    assert len({bytes(row[0]) for row in rows} | {PRINT}) == 3
