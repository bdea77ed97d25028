from hypothesis import given
from hypothesis import strategies as st
from songcau_kit._postgres_bus.sharing import share

MEMBERS = st.dictionaries(
    st.sampled_from("abcdef"), st.sets(st.sampled_from(["one.v1", "two.v1"]), min_size=1).map(tuple), max_size=6
)
PLACES = st.dictionaries(
    st.tuples(st.sampled_from(["one.v1", "two.v1"]), st.integers(0, 9)), st.none() | st.sampled_from("abcdefxyz")
)


def loads(given_places, topic, members):
    return [sum(1 for place, m in given_places.items() if place[0] == topic and m == member) for member in members]


@given(owners=PLACES, members=MEMBERS)
def test_every_partition_goes_to_a_member_that_reads_its_topic(owners, members):
    shared = share(owners, members)
    wanted = {topic for topics in members.values() for topic in topics}
    assert shared.keys() == {place for place in owners if place[0] in wanted}
    assert all(place[0] in members[member] for place, member in shared.items())


@given(owners=PLACES, members=MEMBERS)
def test_the_partitions_of_a_topic_are_shared_evenly(owners, members):
    shared = share(owners, members)
    for topic in ("one.v1", "two.v1"):
        able = [member for member, topics in members.items() if topic in topics]
        counts = loads(shared, topic, able)
        assert not counts or max(counts) - min(counts) <= 1


@given(owners=PLACES, members=MEMBERS)
def test_a_settled_group_stays_as_it_is(owners, members):
    shared = share(owners, members)
    assert share({**owners, **shared}, members) == shared


@given(owners=PLACES, members=MEMBERS)
def test_a_member_that_has_room_keeps_what_it_holds(owners, members):
    shared = share(owners, members)
    for topic in ("one.v1", "two.v1"):
        able = [member for member, topics in members.items() if topic in topics]
        for member in able:
            held = {place for place, owner in owners.items() if owner == member and place[0] == topic}
            kept = {place for place in held if shared[place] == member}
            assert kept == held or len(kept) == loads(shared, topic, [member])[0]


def test_a_newcomer_takes_only_what_makes_it_even():
    owners = {("one.v1", number): "a" for number in range(4)}
    assert sorted(share(owners, {"a": ["one.v1"], "b": ["one.v1"]}).values()) == ["a", "a", "b", "b"]


def test_nobody_gets_anything_where_nobody_is():
    assert share({("one.v1", 0): "gone"}, {}) == {}
