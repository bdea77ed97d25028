"""What `acks=all` and idempotence mean on real brokers: nothing goes with one of them, nothing sent again is double."""

import threading
import time
from contextlib import closing, contextmanager, suppress

import pytest
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError, NotEnoughReplicasError
from songcau_kit._kafka_bus.producer import PRODUCER
from songcau_kit._kafka_bus.topics import TopicKeeper
from songcau_kit.bus import BusUnavailableError, Record, open_bus
from songcau_kit.relay import Relay
from songcau_kit.topics import TopicSpec
from songcau_local.ports import free_port
from support.bus_reading import values_on
from support.bus_sites import REAL_BROKER, declare, set_topic
from support.outbox_events import outbox_event, waiting, write
from support.round_trips import counting_proxy
from support.waiting import wait_patiently

pytestmark = REAL_BROKER
# A broker that controls nothing and joins the first; the last line of a name counts.
SECOND = """process.roles=broker
node.id=2
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port}
"""


@pytest.fixture
def brokers(tmp_path_factory):
    from songcau_local.full.kafka import LocalKafka

    controller, port = free_port(), free_port()
    first = LocalKafka(tmp_path_factory.mktemp("first"), controller_port=controller)
    second = LocalKafka(
        tmp_path_factory.mktemp("second"), port=port, extra=SECOND.format(controller=controller, port=port)
    )
    with first, second:
        yield first, second


@pytest.fixture
def topic(brokers):
    name = "test.replicated.v1"
    with closing(KafkaAdminClient(bootstrap_servers=brokers[0].address)) as admin:
        wait_patiently(lambda: len(admin.describe_cluster()["brokers"]) == 2)
        TopicKeeper(admin, replication_factor=2).ensure([TopicSpec(name, partitions=1)])
    set_topic(brokers[0].address, name, "min.insync.replicas", 2)
    wait_patiently(lambda: replicas_in_sync(brokers[0], name) == 2)
    return name


@pytest.fixture
def bus(brokers):
    with closing(open_bus(f"kafka://{brokers[0].address}", "replicas")) as bus:
        yield bus


def replicas_in_sync(broker, topic):
    """Return how many brokers hold all of the topic; none where the one that died was asked."""
    with closing(KafkaAdminClient(bootstrap_servers=broker.address)) as admin, suppress(KafkaError):
        (described,) = admin.describe_topics([topic])
        return len(described["partitions"][0]["isr_nodes"])
    return 0


def send_plainly(broker, topic, value, **options):
    """Send one record with a bare producer that tries once."""
    with closing(KafkaProducer(bootstrap_servers=broker.address, retries=0, enable_idempotence=False, **options)) as it:
        it.send(topic, key=b"a", value=value).get(timeout=10)


def test_what_too_few_replicas_would_hold_waits_in_the_outbox_and_goes_out_when_the_rule_is_lowered(
    brokers, bus, topic, database
):
    first, second = brokers
    relay = Relay(database, bus)
    write(database, outbox_event(topic, b"0"))
    relay.relay_batch()
    second.kill()
    wait_patiently(lambda: replicas_in_sync(first, topic) == 1)

    with pytest.raises(NotEnoughReplicasError):
        send_plainly(first, topic, b"careful", acks=PRODUCER["acks"])
    send_plainly(first, topic, b"careless", acks=1)
    with pytest.raises(BusUnavailableError):
        bus.publish([Record(topic, "a", b"refused")])

    relay.start()
    write(database, outbox_event(topic, b"1"), outbox_event(topic, b"2"))
    time.sleep(8)  # longer than one attempt
    write(database, outbox_event(topic, b"3"))
    assert waiting(database) == 3
    relay.check()
    set_topic(first.address, topic, "min.insync.replicas", 1)
    wait_patiently(lambda: waiting(database) == 0)
    relay.stop(5)
    second.start()
    assert values_on(bus, topic, 5) == [b"0", b"careless", b"1", b"2", b"3"]


def test_what_the_relay_counts_as_published_outlives_the_broker_that_took_it(brokers, bus, topic, database):
    first, second = brokers
    values = [b"%d" % number for number in range(200)]
    write(database, *(outbox_event(topic, value) for value in values))
    assert Relay(database, bus).relay_batch() == 200
    first.kill()
    first.start()
    second.kill()
    second.start()
    wait_patiently(lambda: replicas_in_sync(first, topic) == 2)
    assert values_on(bus, topic, 200) == values


def test_a_producer_that_sends_again_because_an_answer_was_lost_doubles_nothing(tmp_path):
    from songcau_local.full.kafka import LocalKafka

    port = free_port()
    with counting_proxy(f"kafka://127.0.0.1:{port}") as line:
        # Clients reach the broker through the line only, which loses answers that were under way.
        advertised = f"advertised.listeners=PLAINTEXT://{line.url.removeprefix('kafka://')}"
        values = [b"%d" % number for number in range(400)]
        broker = LocalKafka(tmp_path, port=port, extra=advertised)
        with broker, closing(open_bus(line.url, "again")) as bus:
            declare(bus, TopicSpec("test.again.v1", partitions=1))
            with cutting(line) as cuts:
                for value in values:
                    bus.publish([Record("test.again.v1", "a", value)])
            assert len(cuts) > 5
            assert values_on(bus, "test.again.v1", 400) == values


@contextmanager
def cutting(line):
    """Cut the line again and again during the block."""
    cuts, is_over = [], threading.Event()

    def cut():
        while not is_over.wait(0.2):
            line.cut()
            line.mend()
            cuts.append(1)

    thread = threading.Thread(target=cut)
    thread.start()
    try:
        yield cuts
    finally:
        is_over.set()
        thread.join()
