-- Where the payer goes back to is sealed from now on; `pay_url` is the provider's page without it.
alter table payments add column return_url_enc bytea;
-- `work` seals what older releases left within `pay_url`, and finds it here.
create index payments_with_plain_return_url on payments (id) where pay_url like '%return_url=%';
