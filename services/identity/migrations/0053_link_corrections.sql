-- Which act on the record carried a request for correction out: on the same person's record, after it was received.
create table subject_request_corrections (
    subject_request_id uuid primary key references subject_requests,
    act_id uuid not null references record_acts
);
