create table dossiers (
    id uuid primary key,
    reference text not null unique,
    -- Given at acceptance.
    code text unique check (code ~ '^[A-Z][0-9]{2}(\.[0-9]{1,3})*-[0-9]{6}-[0-9]{4,6}$'),
    version bigint not null,
    citizen_id uuid not null,
    procedure_code text not null,
    procedure_version_id uuid not null,
    procedure_name text not null,
    sub_case_code text not null,
    channel text not null,
    state text not null,
    finance text not null,
    delivery text not null,
    synchronisation text not null,
    helping_agency text not null,
    receiving_agency text not null,
    authority_agency text not null,
    fee_amount bigint not null check (fee_amount >= 0),
    fee_collection text not null,
    deadline jsonb,
    answers_enc bytea not null,
    applicant_enc bytea not null,
    reason_enc bytea,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    submitted_at timestamptz,
    accepted_at timestamptz,
    finished_at timestamptz
);
create index dossiers_of_citizen on dossiers (citizen_id, id desc);
create index dossiers_received on dossiers (receiving_agency, id desc) where state <> 'DRAFT';
create index dossiers_in_authority on dossiers (authority_agency, id desc) where state <> 'DRAFT';

-- Every step; never changed.
create table dossier_history (
    dossier_id uuid not null references dossiers (id),
    version bigint not null,
    action text not null,
    source text not null,
    target text not null,
    at timestamptz not null,
    actor_kind text not null,
    actor_agency text not null,
    reason_enc bytea,
    primary key (dossier_id, version)
);

-- The last number given per receiving agency and local day; its row lock is what keeps numbers apart.
create table dossier_numbers (
    agency text not null,
    day date not null,
    last integer not null,
    primary key (agency, day)
);

create table supplements (
    id uuid primary key,
    dossier_id uuid not null references dossiers (id),
    component_keys text[] not null,
    body_enc bytea not null,
    requested_at timestamptz not null,
    supplied_at timestamptz
);
create index supplements_of_dossier on supplements (dossier_id, requested_at desc);

create table attachments (
    id uuid primary key,
    dossier_id uuid not null references dossiers (id),
    component_key text not null,
    address text not null,
    media_type text not null,
    size bigint not null,
    -- Name of the file and digest of its plain content.
    details_enc bytea not null,
    attached_at timestamptz not null,
    -- Handed in with the dossier or a supplement: stays.
    fixed boolean not null default false
);
create index attachments_of_dossier on attachments (dossier_id, id);
