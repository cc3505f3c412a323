import pytest
from babel import Locale
from phonenumbers import SUPPORTED_REGIONS

from webapp.values.country import parse


@pytest.mark.parametrize("raw", ["PL", "pl", " pl ", "POL", "pol", "Polska", "POLSKA", "Poland", "polska\u00a0"])
def test_a_country_has_one_form(raw):
    assert parse(raw) == "PL"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("Niemcy", "DE"),
        ("Germany", "DE"),
        ("UK", "GB"),
        ("USA", "US"),
        ("Stany Zjednoczone", "US"),
        ("Czech Republic", "CZ"),
        ("Côte d’Ivoire", "CI"),
        ("Cote d'Ivoire", "CI"),
        ("Wlochy", "IT"),
        ("Bosnia and Herzegovina", "BA"),
        ("Holandia", "NL"),
        ("Hong Kong", "HK"),
        ("Kosovo", "XK"),
        ("U.S.A.", "US"),
        ("U.K.", "GB"),
        ("Wlk. Brytania", "GB"),
        ("Szkocja", "GB"),
        ("Federacja Rosyjska", "RU"),
        ("Deutschland", "DE"),
        ("Česká republika", "CZ"),
        ("Iran, Islamic Republic of", "IR"),
        ("Korea, Democratic People's Republic of", "KP"),
    ],
)
def test_common_names_are_known(raw, code):
    assert parse(raw) == code


@pytest.mark.parametrize("raw", ["", "XX", "EU", "ZZ", "UN", "Europa", "Atlantyda", "P", "616", "anna@example.com"])
def test_what_is_no_country_is_refused(raw):
    with pytest.raises(ValueError):
        parse(raw)


@pytest.mark.parametrize("language", ["pl", "en"])
def test_every_country_is_known_by_its_name(language):
    countries = {
        code: Locale(language).territories[code] for code in SUPPORTED_REGIONS & set(Locale(language).territories)
    }
    countries = {code: name for code, name in countries.items() if code not in {"AC", "TA"}}
    assert {code: parse(name) for code, name in countries.items()} == {code: code for code in countries}
