"""BigCommerce, through the REST Management API."""

from webapp.connectors.bigcommerce.connector import BigCommerce

__all__ = ["BigCommerce"]
