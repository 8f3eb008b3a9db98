"""How long the work of every day takes and what memory it needs; printed for people, asserted by nothing."""
