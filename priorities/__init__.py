"""Pillars, thematic areas, frameworks with their goals, strategies and their objectives."""
