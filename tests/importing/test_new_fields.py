import re

import pytest

from webapp.connectors.base import Field, FieldKind
from webapp.importing.proposals import default_field_for
from webapp.values.fields import FieldType


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (
            Field("numberOfOrders", "Liczba zamówień", FieldKind.NUMBER),
            ("liczba_zamowien", "Liczba zamówień", FieldType.NUMBER),
        ),
        (Field("phone", "Phone", FieldKind.PHONE), ("phone", "Phone", FieldType.PHONE)),
        (Field("custom.birthday", ""), ("custom_birthday", "custom_birthday", FieldType.TEXT)),
        (Field("a", "Status", FieldKind.CHOICE, options=(("1", "A"),)), ("status", "Status", FieldType.CHOICE)),
        (Field("a", "Status", FieldKind.CHOICE), ("status", "Status", FieldType.TEXT)),
        (Field("a", "Utworzono", FieldKind.DATETIME), ("utworzono", "Utworzono", FieldType.DATE)),
        (Field("a", "VIP", FieldKind.BOOLEAN), ("vip", "VIP", FieldType.TEXT)),
    ],
)
def test_a_new_field_takes_after_its_column(column, expected):
    assert default_field_for(column) == expected


@pytest.mark.parametrize("label", ["???", "x" * 300, "ąęć " * 40, "北京", "😀", "a\u202eb", "\ud800"])
def test_the_key_and_label_of_a_new_field_fit_their_columns(label):
    key, label, _ = default_field_for(Field("???", label))
    assert re.fullmatch("[a-z0-9_]{1,64}", key)
    assert 1 <= len(label) <= 120
