"""Salesforce, as the importer needs it."""

from webapp.connectors.salesforce.connector import Salesforce

__all__ = ["Salesforce"]
