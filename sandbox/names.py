"""What Polish people are made of: names, places and the ways in which they write a phone number."""

from typing import NamedTuple


class City(NamedTuple):
    """A city with its voivodeship, the ISO 3166-2 code of that, and the first two digits of its postcodes."""

    name: str
    province: str
    province_code: str
    zip_prefix: str


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


WOMEN = _words(
    "Agnieszka Aleksandra Alicja Anna Barbara Beata Bożena Danuta Dorota Elżbieta Emilia Ewa Grażyna Hanna Halina "
    "Iwona Izabela Jadwiga Joanna Julia Justyna Kamila Karolina Katarzyna Kinga Krystyna Lena Magdalena Małgorzata "
    "Maria Marta Monika Natalia Oliwia Patrycja Paulina Renata Stanisława Sylwia Weronika Wiesława Zofia Żaneta"
)
MEN = _words(
    "Adam Andrzej Artur Bartłomiej Błażej Dariusz Dawid Filip Grzegorz Henryk Jacek Jakub Jan Jarosław Jerzy Józef "
    "Kacper Kamil Karol Krzysztof Łukasz Maciej Marcin Marek Mariusz Mateusz Michał Mirosław Paweł Piotr Przemysław "
    "Radosław Rafał Robert Ryszard Sławomir Stanisław Szymon Tadeusz Tomasz Wiesław Wojciech Zbigniew Zdzisław"
)

# A surname in -ski, -cki or -dzki follows the sex of its bearer; the others do not.
SURNAMES = _words(
    "Adamczyk Bąk Błaszczyk Borkowski Brzęczyszczykiewicz Chmielewski Cieślak Czarnecki Dąbrowski Dudek Gajda "
    "Górecki Górski Grabowski Jabłoński Jakubowski Jankowski Jasiński Kaczmarek Kamiński Kowalczyk Kowalski Kozłowski "
    "Krajewski Kubiak Kwiatkowski Lewandowski Lis Łuczak Maciejewski Malinowski Mazur Michalski Mróz Nowak Nowicki "
    "Olszewski Ostrowski Pawlak Pawłowski Pietrzak Piotrowski Rutkowski Sadowski Sikora Sobczak Stępień Szczepański "
    "Szewczyk Szymański Urbański Walczak Wasilewski Wieczorek Wilk Wiśniewski Witkowski Włodarczyk Wójcik Woźniak "
    "Wróbel Wróblewski Zając Zakrzewski Zalewski Zawadzki Zieliński Żak Żuraw"
)

CITIES = tuple(
    City(*row.split("|"))
    for row in (
        "Warszawa|Mazowieckie|PL-14|00",
        "Kraków|Małopolskie|PL-12|30",
        "Łódź|Łódzkie|PL-10|90",
        "Wrocław|Dolnośląskie|PL-02|50",
        "Poznań|Wielkopolskie|PL-30|60",
        "Gdańsk|Pomorskie|PL-22|80",
        "Szczecin|Zachodniopomorskie|PL-32|70",
        "Świnoujście|Zachodniopomorskie|PL-32|72",
        "Bydgoszcz|Kujawsko-pomorskie|PL-04|85",
        "Lublin|Lubelskie|PL-06|20",
        "Białystok|Podlaskie|PL-20|15",
        "Katowice|Śląskie|PL-24|40",
        "Gdynia|Pomorskie|PL-22|81",
        "Częstochowa|Śląskie|PL-24|42",
        "Rzeszów|Podkarpackie|PL-18|35",
        "Zielona Góra|Lubuskie|PL-08|65",
        "Bukowina Tatrzańska|Małopolskie|PL-12|34",
        "Szczebrzeszyn|Lubelskie|PL-06|22",
        "Żywiec|Śląskie|PL-24|34",
        "Ełk|Warmińsko-mazurskie|PL-28|19",
    )
)

STREETS = _phrases(
    "ul. Polna|ul. Leśna|ul. Słoneczna|ul. Krótka|ul. Szkolna|ul. Ogrodowa|ul. Lipowa|ul. Łąkowa|ul. Brzozowa|"
    "ul. Kwiatowa|ul. Źródlana|ul. Mickiewicza|ul. Piotrkowska|ul. 3 Maja|al. Jana Pawła II|al. Niepodległości|"
    "pl. Wolności|os. Tysiąclecia|ul. Gęsia|ul. Świętojańska"
)

COMPANIES = _phrases(
    "Zielony Kram sp. z o.o.|Piekarnia Pod Lipą|Auto-Części Nowak|Biuro Rachunkowe Saldo s.c.|"
    "Góralskie Sery|Księgarnia „Za Rogiem”|Tartak Żubr S.A."
)

NOTES = (
    "Prosi o kontakt po 16.",
    "Klientka z targów w Poznaniu.\nWoli SMS.",
    "Reklamacja z maja – załatwiona 👍",
    "Kod do bramy: pytać sąsiadki",
)

PHONE_FORMS = (
    "{0} {1} {2}",
    "{0}-{1}-{2}",
    "{0}{1}{2}",
    "+48 {0} {1} {2}",
    "+48{0}{1}{2}",
    "0048 {0}{1}{2}",
    "(+48) {0}-{1}-{2}",
    "tel. {0} {1} {2}",
    "{0} {1} {2} (po 16)",
)
MOBILE_PREFIXES = ("501", "512", "533", "571", "601", "604", "660", "692", "721", "730", "784", "795", "880", "888")
EMAIL_DOMAINS = ("example.com", "example.com", "poczta.example", "sklep.example", "firma.example")
TAGS = ("vip", "hurt", "newsletter", "targi-2026", "Dzień Matki", "powracający")
SIZES = ("XS", "S", "M", "L", "XL", "XXL")


def feminine(surname: str) -> str:
    """The form of a surname that a woman bears."""
    return surname[:-1] + "a" if surname.endswith(("ski", "cki", "dzki")) else surname
