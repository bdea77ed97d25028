"""The brokers' authority is replaced while events are written: no event is lost, and the old one opens nothing."""

import shutil
import threading
import time
from contextlib import closing, contextmanager

import pytest
from songcau_kit.bus import BusUnavailableError, Record, open_bus
from songcau_kit.consumer import Consumer, EventHandler
from songcau_kit.relay import Relay
from songcau_kit.topics import TopicSpec
from support.bus_sites import REAL_BROKER, declare
from support.event_effects import running
from support.kafka_security import BrokerAuthority, SecuredKafka, secured_broker
from support.outbox_events import outbox_event, write
from support.waiting import wait_patiently

pytestmark = REAL_BROKER
TOPIC = "test.authority.v1"


def numbers(database):
    with database.read() as connection:
        return [number for (number,) in connection.execute("select number from effects order by place").fetchall()]


def take(connection, number):
    connection.execute("insert into effects (number) values (%s)", (number,))


@contextmanager
def writing(database):
    """Write an event every few milliseconds during the block; yield how many there are."""
    written, is_over = [], threading.Event()

    def write_on():
        while not is_over.is_set():
            event = outbox_event(TOPIC, b"%d" % len(written))
            write(database, event)
            written.append(event)
            time.sleep(0.01)

    thread = threading.Thread(target=write_on)
    thread.start()
    try:
        yield written
    finally:
        is_over.set()
        thread.join()


@contextmanager
def worker(url, database):
    """Run what a `-work` pod runs for the bus; entering the next one before leaving this is a roll-out."""
    with closing(open_bus(url, "worker")) as bus:
        consumer = Consumer(bus, database, group="effects", handlers={TOPIC: EventHandler(int, take)})
        with running(Relay(database, bus), consumer):
            yield


def wait_until_it_goes_on(database, written):
    at_change = len(written)
    wait_patiently(lambda: len(numbers(database)) > at_change + 50)


def test_a_new_authority_takes_over_under_traffic_without_a_lost_event(tmp_path, database):
    old, new = BrokerAuthority.create("old"), BrokerAuthority.create("new")
    believed, before = tmp_path / "believed.crt", tmp_path / "before.crt"
    old.certify(tmp_path)
    old.trust(tmp_path / "ca.crt")
    shutil.copy(tmp_path / "ca.crt", believed)
    shutil.copy(tmp_path / "ca.crt", before)
    broker = secured_broker(tmp_path)
    with broker:
        url = SecuredKafka(broker.port, believed).url("admin")
        with closing(open_bus(url, "topics")) as bus:
            declare(bus, TopicSpec(TOPIC, partitions=1))

        with writing(database) as written:
            with worker(url, database):
                wait_patiently(lambda: len(numbers(database)) > 50)
                # 1. Both are believed, by the broker and by the workers, which are rolled out anew.
                old.trust(tmp_path / "ca.crt", new)
                old.trust(believed, new)
            with worker(url, database):
                # 2. The broker gets a certificate of the new one and starts anew.
                new.certify(tmp_path)
                broker.stop()
                broker.start()
                wait_until_it_goes_on(database, written)
                # 3. Only the new one is believed.
                new.trust(tmp_path / "ca.crt")
                new.trust(believed)
            with worker(url, database):
                broker.stop()
                broker.start()
                wait_until_it_goes_on(database, written)
        with worker(url, database):
            wait_patiently(lambda: len(numbers(database)) >= len(written))
        assert numbers(database) == list(range(len(written)))

        with (
            closing(open_bus(SecuredKafka(broker.port, before).url("admin"), "left-behind")) as left_behind,
            pytest.raises(BusUnavailableError),
        ):
            left_behind.publish([Record(TOPIC, "a", b"0")])


def test_workers_that_were_not_rolled_out_find_the_new_authority_by_themselves(tmp_path, database):
    old, new = BrokerAuthority.create("old"), BrokerAuthority.create("new")
    old.certify(tmp_path)
    old.trust(tmp_path / "ca.crt")
    broker = secured_broker(tmp_path)
    with broker:
        url = SecuredKafka(broker.port, tmp_path / "ca.crt").url("admin")
        with closing(open_bus(url, "topics")) as bus:
            declare(bus, TopicSpec(TOPIC, partitions=1))
        with worker(url, database), writing(database) as written:
            wait_patiently(lambda: len(numbers(database)) > 50)
            broker.stop()
            new.certify(tmp_path)
            new.trust(tmp_path / "ca.crt")
            broker.start()
            wait_until_it_goes_on(database, written)
        with worker(url, database):
            wait_patiently(lambda: len(numbers(database)) >= len(written))
        assert numbers(database) == list(range(len(written)))
