-- What people ask for about their data, and by when it is answered. What anybody wrote stands encrypted.
create table subject_requests (
    subject_request_id uuid primary key,
    citizen_id uuid not null references citizens,
    kind text not null check (kind in (
        'VIEW', 'CORRECT', 'COPY', 'RESTRICT', 'OBJECT', 'WITHDRAW_CONSENT', 'DELETE', 'PROTECT'
    )),
    state text not null check (state in (
        'RECEIVED', 'ACKNOWLEDGED', 'EXECUTING', 'COMPLETED', 'REFUSED', 'WITHDRAWN'
    )),
    version bigint not null,
    activity text not null,
    received_at timestamptz not null,
    acknowledge_by date not null,
    due_on date not null,
    next_due_on date not null,
    third_party boolean not null,
    acknowledged_at timestamptz,
    ended_at timestamptz,
    refusal text,
    details_enc bytea,
    legal_reference_enc bytea,
    answer_enc bytea,
    check ((state in ('COMPLETED', 'REFUSED', 'WITHDRAWN')) = (ended_at is not null)),
    check ((state = 'REFUSED') = (refusal is not null))
);
create index subject_requests_by_citizen on subject_requests (citizen_id, received_at desc, subject_request_id desc);
create index subject_requests_due on subject_requests (next_due_on, subject_request_id)
    where state in ('RECEIVED', 'ACKNOWLEDGED', 'EXECUTING');
create index subject_requests_ended on subject_requests (ended_at desc, subject_request_id desc)
    where ended_at is not null;
-- Two of one kind about one thing, made at once, are one.
create unique index subject_requests_open on subject_requests (citizen_id, kind, activity)
    where state in ('RECEIVED', 'ACKNOWLEDGED', 'EXECUTING');

-- Its primary key is what makes an extension come once.
create table subject_request_extensions (
    subject_request_id uuid primary key references subject_requests,
    until date not null,
    extended_at timestamptz not null
);

-- Each step that was taken; a request's version is the number of its steps.
create table subject_request_steps (
    subject_request_id uuid not null references subject_requests,
    version bigint not null,
    act text not null,
    state text not null,
    actor_kind text not null check (actor_kind in ('CITIZEN', 'OFFICER', 'SYSTEM')),
    taken_at timestamptz not null,
    primary key (subject_request_id, version)
);
