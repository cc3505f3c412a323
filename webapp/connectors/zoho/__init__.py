"""Zoho CRM, as the importer needs it."""

from webapp.connectors.zoho.connector import Zoho

__all__ = ["Zoho"]
