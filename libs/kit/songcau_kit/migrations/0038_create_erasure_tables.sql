-- How far this database has applied the erasure ledger: one row, bound to one ledger.
create table erasure_ledger_place (
    one boolean primary key default true check (one),
    number bigint not null,
    digest bytea not null,
    ledger_id uuid not null
);

-- The proof that a person was erased here: ids and the time, nothing else.
create table erasures (
    subject_id uuid primary key,
    erasure_id uuid not null,
    erased_at timestamptz not null
);

-- Files nobody points to any more; `work` removes them from the object store, then their rows.
create table abandoned_objects (
    address text primary key,
    abandoned_at timestamptz not null default now()
);

-- Copies of people's data that were asked for over the bus and are not answered yet.
create table copy_orders (
    request_id uuid primary key,
    subject_id uuid not null,
    subject_ids uuid[] not null,
    public_key bytea not null,
    attempt bigint not null,
    failures integer not null default 0,
    ordered_at timestamptz not null default now()
);
