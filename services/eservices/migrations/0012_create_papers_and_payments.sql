-- Signed papers: receipts (form 01) and results. The digest is that of a file unique by its own code, so it tells nothing of other files.
create table papers (
    id uuid primary key,
    dossier_id uuid not null references dossiers (id),
    citizen_id uuid not null,
    kind text not null check (kind in ('RECEIPT', 'RESULT')),
    code text not null unique,
    address text not null,
    sha256 bytea not null,
    agency text not null,
    agency_name text not null,
    procedure_code text not null,
    procedure_name text not null,
    signer text not null,
    signed_at timestamptz not null,
    revoked_at timestamptz,
    revocation_reason_enc bytea,
    unique (dossier_id, kind)
);

create table payments (
    id uuid primary key,
    code text not null unique,
    dossier_id uuid not null references dossiers (id),
    citizen_id uuid not null,
    amount bigint not null check (amount > 0),
    state text not null,
    qr_content text not null,
    pay_url text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    paid_at timestamptz,
    transaction_id text not null default ''
);
create index payments_of_dossier on payments (dossier_id, created_at desc);
create unique index payments_pending on payments (dossier_id) where state = 'PENDING';

-- What providers reported. A transaction is reported once, however often it is told.
create table payment_notifications (
    provider text not null,
    transaction_id text not null,
    kind text not null check (kind in ('SUCCEEDED', 'FAILED')),
    payment_id uuid not null references payments (id),
    amount bigint not null,
    outcome text not null,
    received_at timestamptz not null,
    primary key (provider, transaction_id, kind)
);
