-- This service's own copy of what identity tells of a citizen: whether services are open. No personal value.
create table citizens (
    citizen_no bigint generated always as identity primary key check (citizen_no < 2147483648),
    citizen_id uuid not null unique,
    status text not null check (status in ('ACTIVE', 'UNLINKED', 'BLOCKED')),
    is_person boolean not null,
    version bigint not null,
    updated_at timestamptz not null
);

-- Every column `*_enc` is encrypted under the citizen's data key before it comes here.
create table consultations (
    consultation_id uuid primary key,
    citizen_id uuid not null references citizens (citizen_id),
    version bigint not null,
    state text not null check (state in (
        'REQUESTED', 'TRIAGE', 'OFFERED', 'SCHEDULED', 'CHECKED_IN', 'IN_CALL', 'COMPLETED', 'CANCELLED',
        'NO_SHOW_PATIENT', 'NO_SHOW_CLINICIAN', 'EXPIRED', 'REDIRECTED'
    )),
    mode text not null check (mode in (
        'DIRECT_TO_PATIENT', 'VIA_RECEIVING_FACILITY', 'INTER_FACILITY_SUPPORT', 'TELECONSULT_MDT'
    )),
    service_code text not null,
    facility_code text not null references facilities,
    receiving_facility_code text references facilities (facility_code),
    responsible_facility_code text not null references facilities (facility_code),
    practitioner_no bigint references practitioners,
    local_practitioner_no bigint references practitioners (practitioner_no),
    is_child boolean not null,
    priority text check (priority in ('ROUTINE', 'URGENT')),
    redirect text check (redirect in ('IN_PERSON', 'EMERGENCY')),
    identity_proof text check (identity_proof in ('VNEID_SESSION', 'VNEID_SHOWN', 'IDENTITY_CARD', 'KNOWN_TO_STATION')),
    representative_present boolean,
    checked_in_at timestamptz,
    cancelled_by text check (cancelled_by in ('CITIZEN', 'STATION', 'CLINICIAN', 'SYSTEM')),
    cancellation_reason text,
    patient_enc bytea not null,
    complaint_enc bytea not null,
    representative_enc bytea,
    triage_enc bytea,
    outcome_enc bytea,
    cancellation_note_enc bytea,
    requested_at timestamptz not null,
    state_since timestamptz not null,
    check ((mode = 'DIRECT_TO_PATIENT') = (receiving_facility_code is null)),
    check ((mode in ('INTER_FACILITY_SUPPORT', 'TELECONSULT_MDT')) = (local_practitioner_no is not null)),
    check (not is_child or representative_enc is not null),
    check ((state = 'CANCELLED') = (cancelled_by is not null)),
    check ((state = 'COMPLETED') = (outcome_enc is not null)),
    check (state not in ('OFFERED', 'SCHEDULED', 'CHECKED_IN', 'IN_CALL') or practitioner_no is not null)
);
create index consultations_by_citizen on consultations (citizen_id, consultation_id desc);
create index consultations_by_station on consultations (receiving_facility_code, consultation_id desc);
create index consultations_by_facility on consultations (facility_code, consultation_id desc);
create index consultations_by_practitioner on consultations (practitioner_no, consultation_id desc);
create index consultations_waiting on consultations (state_since) where state in ('REQUESTED', 'TRIAGE');

-- Each step that was taken; a consultation's version is the number of its steps.
create table consultation_steps (
    consultation_id uuid not null references consultations,
    version bigint not null,
    from_state text,
    to_state text not null,
    actor_kind text not null,
    taken_at timestamptz not null,
    primary key (consultation_id, version)
);

-- Consent per consultation and purpose: which text, how, when, and who recorded it.
create table consents (
    consultation_id uuid not null references consultations,
    purpose text not null check (purpose in ('CARE')),
    text_version text not null,
    channel text not null check (channel in ('APP', 'PAPER', 'SPOKEN')),
    given_by text not null check (given_by in ('PATIENT', 'REPRESENTATIVE')),
    recorded_by text not null,
    given_at timestamptz not null,
    primary key (consultation_id, purpose)
);

-- Slots taken for patients. The two exclusion constraints are what makes double booking impossible, whatever the
-- code does: no practitioner is held, booked or was used twice at a time, no patient is held or booked twice at a time.
create table bookings (
    hold_id uuid primary key,
    slot_id uuid not null references slots,
    consultation_id uuid not null references consultations,
    status text not null check (status in ('HELD', 'BOOKED', 'USED', 'RELEASED')),
    expires_at timestamptz,
    practitioner_span int8range not null,
    patient_span int8range not null,
    created_at timestamptz not null default clock_timestamp(),
    check ((status = 'HELD') = (expires_at is not null)),
    constraint bookings_practitioner_free exclude using gist (practitioner_span with &&)
        where (status in ('HELD', 'BOOKED', 'USED')),
    constraint bookings_patient_free exclude using gist (patient_span with &&)
        where (status in ('HELD', 'BOOKED'))
);
create unique index bookings_one_per_consultation on bookings (consultation_id) where status <> 'RELEASED';
create index bookings_by_slot on bookings (slot_id) where status <> 'RELEASED';
create index bookings_by_expiry on bookings (expires_at) where status = 'HELD';

-- Signed summaries. The digest of the file is kept as a blind index only: it verifies a file, it reveals none.
create table summaries (
    code text primary key,
    consultation_id uuid not null unique references consultations,
    object_address text not null,
    pdf_bix bytea not null,
    size integer not null,
    practitioner_no bigint not null references practitioners,
    responsible_facility_code text not null references facilities (facility_code),
    list_version text not null,
    signed_at timestamptz not null
);
