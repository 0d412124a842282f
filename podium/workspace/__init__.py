"""Layout of the folders, atomic writes, locks, records, ids, the ledger, and tasks in processes."""
