"""The vendors. A sixth one costs its own module and one line here."""

from webapp.connectors.base import Connector
from webapp.connectors.bigcommerce import BigCommerce
from webapp.connectors.magento import Magento
from webapp.connectors.salesforce import Salesforce
from webapp.connectors.shopify import Shopify
from webapp.connectors.zoho import Zoho

CONNECTORS: dict[str, type[Connector]] = {
    "shopify": Shopify,
    "salesforce": Salesforce,
    "magento": Magento,
    "bigcommerce": BigCommerce,
    "zoho": Zoho,
}


def get(key: str) -> type[Connector]:
    """The connector of this key; raises KeyError."""
    return CONNECTORS[key]
