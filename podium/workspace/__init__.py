"""Where files live, atomic writes, locks, records, ids, the ledger, and work in processes of its own."""
