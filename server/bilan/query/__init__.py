"""Questions to the warehouse: one SQL statement each, and the answer as plain values."""
