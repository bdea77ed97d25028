-- One sign-in through the bridge, from the first redirect to the access token. Secrets stand here as digests only;
-- of the person nothing but the internal id. Several bridge processes share this table.
create table sign_ins (
    sign_in_id uuid primary key,
    client_id text not null,
    redirect_uri text not null,
    client_state text not null,
    nonce text not null,
    code_challenge text not null,
    state_digest bytea not null,
    browser_digest bytea not null,
    started_at timestamptz not null,
    expires_at timestamptz not null,
    answered_at timestamptz,
    citizen_id uuid,
    identity_level smallint,
    account_kind text,
    authentication_level smallint,
    authenticated_at timestamptz,
    code_digest bytea,
    code_expires_at timestamptz,
    redeemed_at timestamptz,
    token_digest bytea,
    token_expires_at timestamptz,
    revoked_at timestamptz
);
create unique index sign_ins_by_state on sign_ins (state_digest);
create unique index sign_ins_by_code on sign_ins (code_digest) where code_digest is not null;
create unique index sign_ins_by_token on sign_ins (token_digest) where token_digest is not null;
create index sign_ins_by_age on sign_ins (expires_at);

-- Ids of client assertions that were used; an assertion is good once.
create table used_assertions (
    assertion_digest bytea primary key,
    expires_at timestamptz not null
);
create index used_assertions_by_age on used_assertions (expires_at);
