"""The attributes that customers and addresses have here: Magento's own and three of the shop's."""

from typing import Any

SIZES = (("", " "), ("41", "XS"), ("42", "S"), ("43", "M"), ("44", "L"), ("45", "XL"))
INTERESTS = (("12", "Góry"), ("15", "Rowery"), ("18", "Narty"))
GENDERS = (("", " "), ("1", "Mężczyzna"), ("2", "Kobieta"), ("3", "Nie podano"))


def attribute(code: str, label: str, kind: str = "text", **changes: Any) -> dict[str, Any]:
    options = [{"label": text, "value": value} for value, text in changes.pop("options", ())]
    return {
        "frontend_input": kind,
        "input_filter": "",
        "store_label": label,
        "validation_rules": [],
        "multiline_count": 0,
        "visible": True,
        "required": False,
        "data_model": "",
        "options": options,
        "frontend_class": "",
        "user_defined": False,
        "sort_order": 10,
        "frontend_label": label,
        "note": "",
        "system": True,
        "backend_type": "static",
        "attribute_code": code,
    } | changes


OWN = {"user_defined": True, "system": False}
CUSTOMER = (
    attribute("website_id", "Associate to Website", "select", options=(("1", "Sklep główny"), ("2", "Outlet"))),
    attribute("group_id", "Group", "select", options=(("1", "General"), ("2", "Wholesale"), ("3", "Retailer"))),
    attribute("prefix", "Name Prefix", visible=False),
    attribute("firstname", "Imię", required=True),
    attribute("middlename", "Middle Name/Initial", visible=False),
    attribute("lastname", "Nazwisko", required=True),
    attribute("email", "E-mail", required=True),
    attribute("dob", "Data urodzenia", "date", input_filter="date"),
    attribute("taxvat", "NIP"),
    attribute("gender", "Płeć", "select", options=GENDERS),
    attribute("created_at", "Created At", "date", visible=False),
    attribute("password_hash", "Password Hash", "hidden", visible=False),
    attribute("rp_token", "Reset Password Token", "hidden", visible=False),
    attribute("rozmiar", "Rozmiar", "select", backend_type="int", options=SIZES, **OWN),
    attribute("zainteresowania", "Zainteresowania", "multiselect", backend_type="text", options=INTERESTS, **OWN),
    attribute("punkty", "Punkty", backend_type="int", **OWN),
    attribute(
        "przewodnik", "Dostaje przewodnik", "boolean", backend_type="int", options=(("1", "Tak"), ("0", "Nie")), **OWN
    ),
)
ADDRESS = (
    attribute("firstname", "Imię", required=True),
    attribute("lastname", "Nazwisko", required=True),
    attribute("company", "Firma"),
    attribute("street", "Ulica", "multiline", multiline_count=2, required=True),
    attribute("city", "Miasto", required=True),
    attribute("country_id", "Kraj", "select", required=True, options=(("PL", "Polska"), ("DE", "Niemcy"))),
    attribute("region", "Województwo"),
    attribute("region_id", "Województwo", "hidden", options=(("1", "Mazowieckie"),)),
    attribute("postcode", "Kod pocztowy"),
    attribute("telephone", "Telefon", required=True),
    attribute("vat_id", "NIP firmy"),
)
FILTERABLE = frozenset(
    {one["attribute_code"] for one in CUSTOMER} | {"entity_id", "store_id", "updated_at", "default_billing"}
)
