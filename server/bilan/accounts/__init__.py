"""Who uses Bilan, and who may do what."""
