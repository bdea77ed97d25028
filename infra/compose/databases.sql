-- Databases and roles of a development stack; runs once, at the first start of the server.
create role identity_migrator login password 'development'; -- pragma: allowlist secret
create role identity_app login password 'development'; -- pragma: allowlist secret
create database identity owner identity_migrator;
revoke all on database identity from public;
grant connect on database identity to identity_app;
\connect identity
grant usage on schema public to identity_app;
alter default privileges for role identity_migrator in schema public grant select, insert, update, delete on tables to identity_app;
alter default privileges for role identity_migrator in schema public grant usage, select on sequences to identity_app;
create role eservices_migrator login password 'development'; -- pragma: allowlist secret
create role eservices_app login password 'development'; -- pragma: allowlist secret
create database eservices owner eservices_migrator;
revoke all on database eservices from public;
grant connect on database eservices to eservices_app;
\connect eservices
grant usage on schema public to eservices_app;
alter default privileges for role eservices_migrator in schema public grant select, insert, update, delete on tables to eservices_app;
alter default privileges for role eservices_migrator in schema public grant usage, select on sequences to eservices_app;
create role telehealth_migrator login password 'development'; -- pragma: allowlist secret
create role telehealth_app login password 'development'; -- pragma: allowlist secret
create database telehealth owner telehealth_migrator;
revoke all on database telehealth from public;
grant connect on database telehealth to telehealth_app;
\connect telehealth
grant usage on schema public to telehealth_app;
alter default privileges for role telehealth_migrator in schema public grant select, insert, update, delete on tables to telehealth_app;
alter default privileges for role telehealth_migrator in schema public grant usage, select on sequences to telehealth_app;
create role audit_migrator login password 'development'; -- pragma: allowlist secret
create role audit_app login password 'development'; -- pragma: allowlist secret
create database audit owner audit_migrator;
revoke all on database audit from public;
grant connect on database audit to audit_app;
\connect audit
grant usage on schema public to audit_app;
alter default privileges for role audit_migrator in schema public grant select, insert, update, delete on tables to audit_app;
alter default privileges for role audit_migrator in schema public grant usage, select on sequences to audit_app;
