create schema bus;

create table bus.topics (
    name text primary key,
    partitions integer not null check (partitions > 0),
    retention interval
);

-- A publisher holds the row of a partition until it commits, so that offsets have no gaps and appear in order.
create table bus.partitions (
    topic text not null references bus.topics (name),
    partition integer not null,
    next_offset bigint not null default 0,
    primary key (topic, partition)
);

create table bus.records (
    topic text not null,
    partition integer not null,
    record_offset bigint not null,
    key text not null,
    value bytea not null,
    headers jsonb not null,
    published_at timestamptz not null default clock_timestamp(),
    primary key (topic, partition, record_offset)
);

-- Members change what is theirs while they hold the row of their group.
create table bus.groups (
    name text primary key
);

create table bus.members (
    group_name text not null references bus.groups (name),
    member text not null,
    topics text[] not null,
    lease_until timestamptz not null,
    primary key (group_name, member)
);

-- Where a group stands and who reads there; the epoch rises with every owner and fences off the one before.
create table bus.positions (
    group_name text not null references bus.groups (name),
    topic text not null,
    partition integer not null,
    next_offset bigint not null default 0,
    owner text,
    epoch bigint not null default 0,
    primary key (group_name, topic, partition)
);
