-- What of the fee was paid and what of that goes back, where it is not the whole fee: null follows from `finance`.
alter table dossiers
    add column fee_paid bigint check (fee_paid >= 0),
    add column fee_refund_due bigint check (fee_refund_due >= 0);
