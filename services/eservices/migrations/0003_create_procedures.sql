create table procedures (
    code text primary key check (code ~ '^[0-9]\.[0-9]{6}$'),
    row_version bigint not null default 1
);

-- A version never changes once written: dossiers refer to it. Only valid_to and overlaid move.
create table procedure_versions (
    id uuid primary key,
    procedure_code text not null references procedures (code),
    number integer not null,
    source text not null check (source in ('CURATED', 'NATIONAL')),
    valid_from date not null,
    valid_to date check (valid_to >= valid_from),
    -- A national version stands behind the province's own text of the same procedure.
    overlaid boolean not null default false,
    name text not null,
    name_exact text not null,
    name_folded text not null,
    field_code text not null,
    field_name text not null,
    field_folded text not null,
    authority text not null,
    authority_levels text[] not null,
    service_level text not null,
    online boolean not null,
    detailed boolean not null,
    -- Lexemes made by the service: words as written and words without accents.
    words_exact tsvector not null,
    words_folded tsvector not null,
    words_authority tsvector not null,
    -- Place in a list: the province's own first, then short names.
    list_rank integer not null,
    content jsonb not null,
    content_sha256 bytea not null,
    unique (procedure_code, number)
);

create index procedure_versions_words on procedure_versions using gin (words_folded);
create index procedure_versions_authority on procedure_versions using gin (words_authority);
create index procedure_versions_field on procedure_versions (field_code, list_rank, procedure_code) where not overlaid;
create index procedure_versions_field_name on procedure_versions (field_folded, list_rank, procedure_code)
    where not overlaid;
create index procedure_versions_list on procedure_versions (list_rank, procedure_code) where not overlaid;
create index procedure_versions_code on procedure_versions (procedure_code text_pattern_ops);
