-- Licensed facilities. The code is the 5-character one of the insurance list, never the 13-digit one of the hub.
create table facilities (
    facility_code text primary key check (facility_code ~ '^[0-9]{2}[0-9A-Z]{3}$'),
    kind text not null check (kind in ('COMMUNE_STATION', 'HOSPITAL')),
    name text not null,
    unit_code text not null check (unit_code ~ '^[0-9]{5}$')
);
create index facilities_by_unit on facilities (unit_code, facility_code);

-- What a facility has declared it may give at a distance: from publication, or ten days after the receipt slip.
create table facility_declarations (
    facility_code text not null references facilities,
    service_code text not null check (service_code ~ '^[A-Z][A-Z0-9_]{1,39}$'),
    receipt_slip_on date not null,
    published_on date,
    withdrawn_on date,
    valid_from date not null generated always as (least(published_on, receipt_slip_on + 10)) stored,
    primary key (facility_code, service_code)
);

-- Contracts between the facility that helps and the one that receives the patient.
create table facility_contracts (
    contract_id uuid primary key,
    number text not null unique,
    supporting_facility_code text not null references facilities,
    supported_facility_code text not null references facilities,
    valid_from date not null,
    valid_to date,
    check (supporting_facility_code <> supported_facility_code),
    check (valid_to >= valid_from)
);
create index facility_contracts_by_pair
    on facility_contracts (supporting_facility_code, supported_facility_code, valid_from);
create index facility_contracts_by_supported on facility_contracts (supported_facility_code);

-- Name, title and licence stand in plain: the law wants them shown to every patient before a session.
-- `practitioner_no` is the small number that goes into the ranges of the exclusion constraints.
create table practitioners (
    practitioner_no bigint generated always as identity primary key check (practitioner_no < 2147483648),
    practitioner_id uuid not null unique,
    full_name text not null,
    title text not null,
    licence_number text not null unique check (licence_number ~ '^[0-9]{6}/[A-ZĐ]{2,4}-(GPHN|CCHN)$'),
    service_codes text[] not null
);

-- Declared weekly hours. One range per row, [practitioner * 2^32 + minute of the week, …), lets the built-in range
-- operators refuse overlapping hours of one practitioner, also across facilities, without an extension.
create table practitioner_hours (
    practitioner_no bigint not null references practitioners,
    facility_code text not null references facilities,
    weekday smallint not null check (weekday between 1 and 7),
    start_minute smallint not null check (start_minute between 0 and 1439),
    end_minute smallint not null check (end_minute between 1 and 1440),
    validity daterange not null check (not isempty(validity) and lower(validity) is not null),
    week_span int8range not null generated always as (int8range(
        practitioner_no * 4294967296 + (weekday - 1) * 1440 + start_minute,
        practitioner_no * 4294967296 + (weekday - 1) * 1440 + end_minute
    )) stored,
    check (start_minute < end_minute),
    constraint practitioner_hours_do_not_overlap exclude using gist (week_span with &&, validity with &&)
);
create index practitioner_hours_by_practitioner on practitioner_hours (practitioner_no, facility_code, weekday);
create index practitioner_hours_by_facility on practitioner_hours (facility_code, practitioner_no);

-- Published times, capacity one. A practitioner has no two slots at once, wherever they are.
create table slots (
    slot_id uuid primary key,
    practitioner_no bigint not null references practitioners,
    facility_code text not null references facilities,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    span int8range not null,
    published_at timestamptz not null,
    check (ends_at > starts_at),
    check (span = int8range(
        practitioner_no * 4294967296 + (extract(epoch from starts_at) / 60)::bigint,
        practitioner_no * 4294967296 + (extract(epoch from ends_at) / 60)::bigint
    )),
    constraint slots_do_not_overlap exclude using gist (span with &&)
);
create index slots_by_facility on slots (facility_code, starts_at, slot_id);
