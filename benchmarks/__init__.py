"""What the README promises about speed, measured."""
