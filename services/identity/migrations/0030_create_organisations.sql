-- Organisations and their members. Name and identifier are sealed: the identifier of a household business may be the
-- personal number of its owner, and then the owner's data key seals them, so that they are erased with the owner.
-- The documents that people name are sealed under the data keys of those people. Nothing else here is personal.
create table organisations (
    organisation_id uuid primary key,
    kind text not null check (kind in ('ENTERPRISE', 'COOPERATIVE', 'DEPENDENT_UNIT', 'HOUSEHOLD_BUSINESS', 'OTHER')),
    unit_code text not null check (unit_code ~ '^[0-9]{5}$'),
    state text not null check (state in (
        'AWAITING_CONFIRMATION', 'ACTIVE', 'AWAITING_REPRESENTATIVE', 'REFUSED', 'DISSOLVED'
    )),
    register_finding text not null,
    -- The identifier is a person's number; such a household business ends with its owner and is forgotten then.
    is_owner_s boolean not null,
    -- Who entered it: the owner of a household business known by its owner's number.
    founder_id uuid not null references citizens,
    name_enc bytea,
    identifier_enc bytea,
    identifier_bix bytea,
    -- The document its founder named, sealed under the founder's data key.
    evidence_enc bytea,
    version bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    check ((name_enc is null) = (identifier_enc is null) and (name_enc is null) = (identifier_bix is null)),
    check (identifier_bix is not null or state in ('REFUSED', 'DISSOLVED'))
);
-- One of an identifier at a time, whoever enters it twice at once; who was refused blocks nobody.
create unique index organisations_of_identifier on organisations (identifier_bix)
    where state not in ('REFUSED', 'DISSOLVED');
create index organisations_of_founder on organisations (founder_id);
create index organisations_to_confirm on organisations (created_at, organisation_id)
    where state = 'AWAITING_CONFIRMATION';

create table organisation_members (
    member_id uuid primary key,
    organisation_id uuid not null references organisations,
    citizen_id uuid not null references citizens,
    role text not null check (role in ('LEGAL_REPRESENTATIVE', 'ADMINISTRATOR', 'SUBMITTER', 'VIEWER')),
    state text not null check (state in ('AWAITING_CONFIRMATION', 'INVITED', 'ACTIVE', 'ENDED')),
    -- What the services know of it. A membership in force is a representation in force.
    representation_id uuid unique references representations,
    end_cause text,
    ended_at timestamptz,
    version bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    check ((state = 'ENDED') = (end_cause is not null)),
    check ((end_cause is null) = (ended_at is null)),
    check (state <> 'ACTIVE' or representation_id is not null),
    check (role = 'LEGAL_REPRESENTATIVE' or state <> 'AWAITING_CONFIRMATION'),
    check (role <> 'LEGAL_REPRESENTATIVE' or state <> 'INVITED')
);
create unique index organisation_members_one_representative on organisation_members (organisation_id)
    where role = 'LEGAL_REPRESENTATIVE' and state <> 'ENDED';
create unique index organisation_members_once on organisation_members (organisation_id, citizen_id)
    where state <> 'ENDED';
create index organisation_members_of_organisation on organisation_members (organisation_id, member_id desc);
create index organisation_members_of_citizen on organisation_members (citizen_id, member_id desc);

-- Who claims to be the legal representative, on which document.
create table organisation_proposals (
    proposal_id uuid primary key,
    organisation_id uuid not null references organisations,
    citizen_id uuid not null references citizens,
    state text not null check (state in ('PENDING', 'ACCEPTED', 'REFUSED', 'LAPSED')),
    -- Sealed under the data key of who proposes.
    evidence_enc bytea,
    version bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create unique index organisation_proposals_once on organisation_proposals (organisation_id, citizen_id)
    where state = 'PENDING';
create index organisation_proposals_to_decide on organisation_proposals (created_at, proposal_id)
    where state = 'PENDING';
create index organisation_proposals_of_citizen on organisation_proposals (citizen_id, proposal_id desc);
