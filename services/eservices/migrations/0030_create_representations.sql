-- The service's own copy of who may act for whom, kept by events of identity: ids and codes only.
create table representations (
    representation_id uuid primary key,
    represented_id uuid not null,
    representative_id uuid not null,
    -- What may be done now; empty once it is over.
    scopes text[] not null,
    valid_from date not null,
    valid_until date,
    -- Version at identity: an older fact that arrives late changes nothing.
    version bigint not null
);
create index representations_of_representative on representations (representative_id, represented_id)
    where cardinality(scopes) > 0;
