"""What to type in the demo: the credentials of its own pretended shops."""

import json
from pathlib import Path

from flask import current_app

from webapp.connectors.base import Way
from webapp.formats import gettext_of


def credentials_to_paste(vendor: str, way: Way) -> list[tuple[str, str]]:
    """Label and value for each field of the form; empty outside the demo."""
    path = current_app.config["DEMO_CREDENTIALS"]
    if not path or not current_app.config["DEMO"]:
        return []
    text = Path(path).read_text(encoding="utf-8").replace("{sandbox}", current_app.config["DEMO_SANDBOX"])
    known = json.loads(text).get(vendor, {}).get(way.key, {})
    return [(gettext_of(setting.label), known[setting.name]) for setting in way.settings if setting.name in known]
