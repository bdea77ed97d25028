-- The newest checkpoint of the audit log this service heard of. It never goes back to a smaller tree.
create table audit_checkpoints (
    origin text primary key,
    tree_size bigint not null,
    root_hash bytea not null,
    note text not null,
    signed_at timestamptz not null
);
