-- The service's own copy of what identity says of a citizen: states only, no personal value.
create table citizens (
    id uuid primary key,
    status text not null check (status in ('ACTIVE', 'UNLINKED', 'BLOCKED')),
    account_kind text not null check (account_kind in ('CITIZEN', 'ORGANISATION')),
    identity_level smallint not null,
    -- Version of the citizen at identity: an older fact that arrives late changes nothing.
    version bigint not null
);
