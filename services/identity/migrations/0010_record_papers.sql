-- Papers people show beside the number they are known by. They find a citizen, nobody signs in with one. Unlike personal
-- numbers they may come back: a withdrawn passport number of one state may be another citizen's one day, and the nine
-- digits of the old card were given out by each province, so that two people rightly hold the same.
create table papers (
    paper_id uuid primary key,
    citizen_id uuid not null references citizens,
    kind text not null check (kind in ('CCCD', 'HO_CHIEU', 'CMND_9', 'GIAY_KHAI_SINH', 'SO_BHXH', 'THE_BHYT')),
    value_enc bytea not null,
    value_bix bytea not null,
    source text not null check (source in ('OFFICER', 'VNEID')),
    act_id uuid references record_acts,
    recorded_at timestamptz not null,
    status text not null check (status in ('ACTIVE', 'WITHDRAWN')),
    withdrawal text check (withdrawal in ('ENTERED_IN_ERROR', 'REPLACED', 'EXPIRED', 'LOST', 'REVOKED')),
    withdrawn_at timestamptz,
    withdrawal_act_id uuid references record_acts,
    check ((source = 'OFFICER') = (act_id is not null)),
    check ((status = 'WITHDRAWN') = (withdrawal is not null)),
    check ((status = 'WITHDRAWN') = (withdrawn_at is not null)),
    check ((status = 'WITHDRAWN') = (withdrawal_act_id is not null))
);
create unique index papers_held_once on papers (citizen_id, kind, value_bix) where status = 'ACTIVE';
create unique index papers_held_by_one on papers (value_bix, kind) where status = 'ACTIVE' and kind <> 'CMND_9';
create index papers_by_value on papers (value_bix, kind);
create index papers_by_citizen on papers (citizen_id, recorded_at);
