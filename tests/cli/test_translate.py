from babel.messages.catalog import Catalog

from webapp.cli.translate import compare


def catalogue(*entries, **options) -> Catalog:
    made = Catalog(locale="pl")
    for message, string in entries:
        made.add(message, string, **options)
    return made


def faults(present: Catalog, *wanted) -> list[str]:
    return list(compare(catalogue(*((message, "") for message in wanted)), present))


def test_a_full_catalogue_has_no_faults():
    assert faults(catalogue(("Sign in", "Zaloguj się")), "Sign in") == []


def test_a_text_that_the_catalogue_does_not_know_is_a_fault():
    assert len(faults(catalogue(), "Sign in")) == 1


def test_a_text_without_translation_is_a_fault():
    assert len(faults(catalogue(("Sign in", "")), "Sign in")) == 1


def test_a_plural_with_a_form_missing_is_a_fault():
    plural = ("%(num)s list", "%(num)s lists")
    assert len(faults(catalogue((plural, ("%(num)s lista", "%(num)s listy", ""))), plural)) == 1


def test_a_translation_that_is_marked_unsure_is_a_fault():
    assert len(faults(catalogue(("Sign in", "Zaloguj się"), flags=["fuzzy"]), "Sign in")) == 1


def test_a_translation_that_nobody_uses_is_a_fault():
    assert len(faults(catalogue(("Sign in", "Zaloguj się"), ("Old", "Stare")), "Sign in")) == 1


def test_a_translation_that_loses_a_value_is_a_fault():
    message = "Hello %(name)s"
    present = catalogue((message, "Witaj %(imie)s"), flags=["python-format"])
    assert len(faults(present, message)) >= 1
