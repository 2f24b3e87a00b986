"""Figures and tables from results and certificates; nothing here looks inside a game."""
