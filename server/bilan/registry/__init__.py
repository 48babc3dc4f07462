"""What the installed plugins declared, checked once at start-up."""
