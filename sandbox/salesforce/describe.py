"""GET sobjects/{name}/describe, in the vendor's full form."""

from typing import Any

from .columns import Column, columns_of
from .orgs import Org

LABELS = {"Contact": ("Kontakt", "Kontakty", "003"), "Lead": ("Lead", "Leady", "00Q")}
SOAP = {
    "boolean": "xsd:boolean",
    "double": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "id": "tns:ID",
    "address": "urn:address",
}
FLAGS = (
    "activateable compactLayoutable createable custom customSetting deepCloneable deletable deprecatedAndHidden feedEnabled "
    "hasSubtypes idEnabled isInterface isSubtype layoutable mergeable mruEnabled replicateable retrieveable searchable "
    "undeletable updateable"
)
FIELD_FLAGS = (
    "aggregatable aiPredictionField autoNumber calculated caseSensitive createable defaultedOnCreate deprecatedAndHidden "
    "filterable groupable idLookup nillable permissionable polymorphicForeignKey queryByDistance restrictedPicklist "
    "searchPrefilterable unique updateable"
)


def described(org: Org, entity: str) -> dict[str, Any]:
    label, plural, prefix = LABELS[entity]
    return {
        **dict.fromkeys(FLAGS.split(), False),
        "name": entity,
        "label": label,
        "labelPlural": plural,
        "keyPrefix": prefix,
        "queryable": True,
        "childRelationships": [],
        "namedLayoutInfos": [],
        "recordTypeInfos": [],
        "fields": [_field(column) for column in columns_of(org, entity).values()],
        "urls": {"describe": f"/services/data/v67.0/sobjects/{entity}/describe"},
    }


def _field(column: Column) -> dict[str, Any]:
    reference = column.kind == "reference"
    return {
        **dict.fromkeys(FIELD_FLAGS.split(), False),
        "name": column.name,
        "label": column.label,
        "type": column.kind,
        "custom": column.custom,
        "nameField": column.name == "Name",
        "byteLength": 765,
        "digits": 0,
        "length": 255,
        "precision": 0,
        "scale": 0,
        "soapType": SOAP.get(column.kind, "xsd:string"),
        "sortable": True,
        "compoundFieldName": column.compound,
        "relationshipName": column.name.removesuffix("Id") if reference else None,
        "referenceTo": ["Account" if column.name == "AccountId" else "User"] if reference else [],
        "picklistValues": [
            {"active": True, "defaultValue": False, "label": value, "validFor": None, "value": value}
            for value in column.values
        ],
    }
