"""Shopify, through the GraphQL Admin API."""

from webapp.connectors.shopify.connector import Shopify

__all__ = ["Shopify"]
