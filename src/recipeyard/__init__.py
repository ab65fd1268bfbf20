"""Recipeyard: a self-hosted recipe lifecycle server."""

__version__ = "0.1.0"
