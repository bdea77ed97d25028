-- Requests that came on paper: who entered them, for which agency, and the document, encrypted under the person's key.
-- The day they came is that of `subject_requests.received_at`, from which the clocks run.
create table subject_request_records (
    subject_request_id uuid primary key references subject_requests,
    channel text not null check (channel in ('COUNTER', 'POST')),
    recorded_by text not null,
    recorded_for text not null,
    evidence_enc bytea not null,
    recorded_at timestamptz not null
);
