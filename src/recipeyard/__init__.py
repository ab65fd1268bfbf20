"""Recipeyard: a self-hosted recipe lifecycle server."""
