-- This service's own copy of what people decided in identity: the newest decision of a person and purpose.
create table citizen_consents (
    citizen_id uuid not null,
    purpose text not null,
    state text not null check (state in ('GIVEN', 'WITHDRAWN', 'LAPSED')),
    text_version text not null,
    version bigint not null,
    decided_at timestamptz not null,
    primary key (citizen_id, purpose)
);
