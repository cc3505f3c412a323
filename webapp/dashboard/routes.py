from flask import Blueprint, g, render_template
from flask_login import login_required

from webapp.dashboard.summary import summarise
from webapp.models import ContactList

bp = Blueprint("dashboard", __name__)


@bp.get("/")
@login_required
def show() -> str:
    return render_template("dashboard/show.html", summary=summarise())


@bp.app_template_global()
def people_on_lists() -> int:
    """How many people the plan counts: everyone on a list who can be written to, twice if on two lists."""
    if "people_on_lists" not in g:
        g.people_on_lists = ContactList.people()
    return g.people_on_lists
