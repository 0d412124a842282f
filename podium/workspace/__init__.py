"""Where files live, atomic writes, locks, records, ids, the ledger, and tasks in processes."""
