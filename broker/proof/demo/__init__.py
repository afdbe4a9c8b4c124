"""Demo: one night of three invented people, played on a real exchange and checked cell by cell."""
