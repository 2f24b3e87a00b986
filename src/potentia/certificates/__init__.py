"""Certificates: statements about a profile, computed apart from the loop."""
