-- Leaves that came over the bus and have no place in the tree yet; integration takes them out.
create table arrivals (
    sequence bigint generated always as identity primary key,
    entry_id uuid not null unique,
    leaf bytea not null check (octet_length(leaf) between 1 and 65535)
);

-- The leaves in the order of the tree. What is personal in a leaf is sealed; nothing here leads to a citizen.
create table leaves (
    leaf_index bigint primary key check (leaf_index >= 0),
    entry_id uuid not null unique,
    leaf bytea not null
);

-- Hashes of the tree, 256 a tile; level 0 are those of the leaves, each higher one is over a full tile below.
create table tiles (
    level smallint not null check (level between 0 and 5),
    tile_index bigint not null check (tile_index >= 0),
    hashes bytea not null check (octet_length(hashes) % 32 = 0 and octet_length(hashes) between 32 and 8192),
    primary key (level, tile_index)
);

-- The one tree. Who integrates leaves holds its row.
create table trees (
    id boolean primary key default true check (id),
    size bigint not null
);
insert into trees (size) values (0);

-- What the signer signed; of the largest tree, the last one is what readers get.
create table checkpoints (
    number bigint generated always as identity primary key,
    tree_size bigint not null check (tree_size >= 0),
    root_hash bytea not null check (octet_length(root_hash) = 32),
    note text not null,
    signed_at timestamptz not null
);
create index checkpoints_by_size on checkpoints (tree_size desc, number desc);

-- How many entries there are about a citizen, found by a keyed digest; goes when the citizen is erased.
create table entry_counts (
    subject_bix bytea primary key,
    entries bigint not null
);

-- Which citizen an id means since two records of one person were merged; empty again when that was undone.
create table citizen_aliases (
    citizen_id uuid primary key,
    surviving_id uuid,
    version bigint not null
);
create index citizen_aliases_by_survivor on citizen_aliases (surviving_id) where surviving_id is not null;

create function refuse_change_of_log() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log only grows';
end
$$;
create trigger leaves_stay before update or delete on leaves
    for each row execute function refuse_change_of_log();
create trigger checkpoints_stay before update or delete on checkpoints
    for each row execute function refuse_change_of_log();

create function refuse_change_of_tile() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or substring(new.hashes for octet_length(old.hashes)) <> old.hashes then
        raise exception 'a tile of the audit log only grows';
    end if;
    return new;
end
$$;
create trigger tiles_only_grow before update or delete on tiles
    for each row execute function refuse_change_of_tile();
