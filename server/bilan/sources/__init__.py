"""Where facts come from: the sources that people added, their settings and addresses."""
