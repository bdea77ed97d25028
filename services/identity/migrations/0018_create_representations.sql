-- Who may act for whom. Nothing personal stands here: documents lie in record_acts, sealed, and a child's birthdays,
-- from which the end of a parent's right follows, stay in the sealed profile; so a child's last day is empty here.
create table representations (
    representation_id uuid primary key,
    kind text not null check (kind in (
        'PARENT', 'GUARDIAN', 'LIMITED_CAPACITY', 'ORGANISATION', 'AUTHORISATION', 'HEIR'
    )),
    represented_kind text not null check (represented_kind in ('CITIZEN', 'ORGANISATION')),
    represented_id uuid not null,
    -- What an id of an organisation points at is not this table's to know; a citizen's is checked.
    represented_citizen_id uuid generated always as (
        case when represented_kind = 'CITIZEN' then represented_id end
    ) stored references citizens,
    representative_id uuid not null references citizens,
    granted_scopes text[] not null check (cardinality(granted_scopes) > 0),
    status text not null check (status in ('ACTIVE', 'AWAITING_CHILD', 'OBJECTED', 'REVOKED', 'ENDED')),
    valid_from date not null,
    valid_until date,
    end_cause text,
    ended_at timestamptz,
    -- The document it was entered on; empty where the represented gave it with their own sign-in.
    granted_act_id uuid references record_acts,
    proof_acr text,
    proof_signed_in_at timestamptz,
    -- A child who answered once is not asked again.
    is_child_heard boolean not null default false,
    version bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    -- The legal day on which age and time were last looked at; empty where the next look is due at once.
    looked_on date,
    check (represented_kind <> 'CITIZEN' or represented_id <> representative_id),
    check ((kind = 'ORGANISATION') = (represented_kind = 'ORGANISATION')),
    check (valid_until is null or valid_until >= valid_from),
    check (kind <> 'AUTHORISATION' or valid_until is not null),
    check (kind in ('PARENT', 'GUARDIAN') or status not in ('AWAITING_CHILD', 'OBJECTED')),
    check ((status in ('REVOKED', 'ENDED')) = (end_cause is not null)),
    check ((end_cause is null) = (ended_at is null)),
    check ((granted_act_id is null) <> (proof_signed_in_at is null))
);
-- One of a kind between two parties at a time, whoever enters it twice at once; authorisations differ by their scopes.
create unique index representations_in_force on representations
    (represented_kind, represented_id, representative_id, kind, granted_scopes)
    where status not in ('REVOKED', 'ENDED');
create index representations_of_represented on representations (represented_id, representation_id desc);
create index representations_of_representative on representations (representative_id, representation_id desc);
create index representations_to_look_at on representations (looked_on nulls first, representation_id)
    where status not in ('REVOKED', 'ENDED');
