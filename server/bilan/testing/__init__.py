"""What a plugin's author tests with: fixtures (loaded by pytest by itself) and a contract suite."""
