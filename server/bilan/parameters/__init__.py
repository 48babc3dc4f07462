"""What people and programs fill in, checked against what was declared."""
