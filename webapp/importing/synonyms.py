"""What shops and CRMs call the same thing, in English and Polish, as lower-case words without diacritics."""

MEANINGS: dict[str, tuple[str, ...]] = {
    "email": (
        *("email", "e mail", "mail", "email address", "e mail address", "mail address"),
        *("adres email", "adres e mail", "adres mail"),
    ),
    "first_name": ("first name", "firstname", "given name", "fname", "forename", "imie", "imiona"),
    "last_name": ("last name", "lastname", "surname", "family name", "lname", "nazwisko"),
    "full_name": ("full name", "fullname", "name and surname", "imie i nazwisko", "imie nazwisko", "nazwisko i imie"),
    "phone": (
        *("phone", "telephone", "tel", "phone number", "telephone number", "mobile", "mobile phone", "mobile number"),
        *("cell", "cell phone", "cellphone", "telefon", "numer telefonu", "nr telefonu", "nr tel", "komorka"),
        *("telefon komorkowy", "telefon kontaktowy"),
    ),
    "city": ("city", "town", "miasto", "miejscowosc"),
    "country": ("country", "country code", "country name", "country id", "kraj", "panstwo", "kod kraju"),
    # A bare "state" is left out: at Shopify it is the state of the customer's account.
    "region": (
        *("province", "region", "county", "state or province", "mailing state", "billing state", "shipping state"),
        "wojewodztwo",
    ),
    "postal_code": ("zip", "zip code", "zipcode", "postal code", "postalcode", "postcode", "post code", "kod pocztowy"),
    "street": ("address", "street", "street address", "address line 1", "address1", "address 1", "adres", "ulica"),
    "birthday": (
        *("birthday", "birth date", "birthdate", "date of birth", "dob"),
        *("data urodzenia", "urodziny", "dzien urodzin"),
    ),
    "company": ("company", "company name", "organization", "organisation", "account name", "firma", "nazwa firmy"),
    "position": ("job title", "position", "stanowisko"),
    "orders": (
        *("orders", "order count", "orders count", "number of orders", "total orders"),
        *("zamowienia", "liczba zamowien", "ilosc zamowien"),
    ),
    "spent": (
        *("amount spent", "total spent", "total spend", "wydana kwota", "suma zakupow", "kwota zakupow"),
        *("wartosc zamowien", "wartosc zakupow", "laczna wartosc zamowien"),
    ),
    "last_order": (
        *("last order", "last order date", "last purchase", "last purchase date"),
        *("ostatnie zamowienie", "data ostatniego zamowienia", "ostatni zakup", "data ostatniego zakupu"),
    ),
    "language": ("language", "locale", "lang", "jezyk"),
    "tags": ("tags", "tag", "labels", "tagi", "etykiety", "znaczniki"),
    "gender": ("gender", "sex", "plec"),
    "tax_number": ("vat", "vat number", "vat id", "tax id", "tax number", "taxvat", "nip", "numer nip"),
    "website": ("website", "web site", "www", "strona www", "strona internetowa"),
    "note": ("note", "notes", "comment", "comments", "notatka", "notatki", "uwagi", "komentarz"),
    "group": ("group", "customer group", "grupa", "grupa klientow"),
    "created": (
        *("created", "created at", "date created", "created date", "created time", "creation date"),
        *("registered", "registration date", "data rejestracji", "data utworzenia", "data dodania"),
    ),
    "lead_source": ("lead source", "zrodlo leada"),
}

MEANING_OF = {phrase: meaning for meaning, phrases in MEANINGS.items() for phrase in phrases}

# Words around a name that say whose or which it is: "default address city" is a city.
QUALIFIERS = frozenset(
    ("address", "billing", "contact", "customer", "default", "mailing", "main", "person", "primary", "shipping")
    + ("adres", "adresu", "dostawy", "glowny", "klient", "klienta", "kontaktu", "osoby")
)
