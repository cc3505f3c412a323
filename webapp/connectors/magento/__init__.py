"""Magento 2 and Adobe Commerce, as the importer needs them."""

from webapp.connectors.magento.connector import Magento

__all__ = ["Magento"]
