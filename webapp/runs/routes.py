"""Each change is one noun of an import or of a run; htmx gets fragments, a browser is sent back to where it was."""

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    stream_with_context,
    url_for,
)
from flask_babel import gettext as _
from flask_login import login_required

from jobs.queue import enqueue_run, enqueue_undo
from webapp.extensions import db
from webapp.formats import dom_id, soon
from webapp.importing import schedule, undo
from webapp.models import ImportRun, RecurringImport, RunKind, RunStatus, Schedule
from webapp.models.recurring_import import imports_of_account
from webapp.row_ids import row_id
from webapp.runs import export, history
from webapp.runs.figures import SHOWN_EVERYWHERE, outcomes

bp = Blueprint("runs", __name__)
for name, shown in SHOWN_EVERYWHERE.items():
    bp.add_app_template_global(shown, name)


@bp.post("/importy/<int:recurring_import_id>/biegi")
@login_required
def create(recurring_import_id: int) -> Response | str:
    recurring_import = db.get_or_404(RecurringImport, recurring_import_id)
    if refusal := why_not_now(recurring_import):
        flash(refusal, "warning")
        return answer(recurring_import)
    run, created = schedule.run_now(recurring_import)
    if created:
        enqueue_run(run.id)
    else:
        flash(_("An import is already running. Wait until it ends, or break it off."), "warning")
    return answer(recurring_import)


def why_not_now(recurring_import: RecurringImport) -> str:
    if recurring_import.schedule is Schedule.DRAFT:
        return _("Finish the configuration of this import first.")
    if not recurring_import.integration.connected:
        return _("Connect the account again, and then start the import.")
    if schedule.is_being_undone(recurring_import):
        return _("An import is being undone. Wait until that is over.")
    return ""


@bp.post("/importy/<int:recurring_import_id>/zatrzymanie")
@login_required
def stop(recurring_import_id: int) -> Response | str:
    recurring_import = db.get_or_404(RecurringImport, recurring_import_id)
    schedule.stop(recurring_import)
    flash(_("The imports are stopped. One that is running will still finish."), "success")
    return answer(recurring_import)


@bp.post("/importy/<int:recurring_import_id>/wznowienie")
@login_required
def resume(recurring_import_id: int) -> Response | str:
    recurring_import = db.get_or_404(RecurringImport, recurring_import_id)
    if refusal := why_not_now(recurring_import):
        flash(refusal, "warning")
        return answer(recurring_import)
    schedule.resume(recurring_import)
    flash(_("The imports are resumed. Next one: %(when)s.", when=soon(recurring_import.next_slot)), "success")
    return answer(recurring_import)


@bp.post("/biegi/<int:run_id>/przerwanie")
@login_required
def cancel(run_id: int) -> Response | str:
    run = db.get_or_404(ImportRun, run_id)
    schedule.cancel(run)
    return answer(run.recurring_import)


@bp.post("/biegi/<int:run_id>/zgoda")
@login_required
def approve(run_id: int) -> Response | str:
    run = db.get_or_404(ImportRun, run_id)
    if schedule.approve(run):
        enqueue_run(run.id)
    return answer(run.recurring_import)


@bp.get("/importy/<int:recurring_import_id>/postep")
@login_required
def progress(recurring_import_id: int) -> Response | str:
    return answer(db.get_or_404(RecurringImport, recurring_import_id))


def answer(recurring_import: RecurringImport) -> Response | str:
    """Where the import stands now. When nothing moves any more, a page that shows more of the run is told by an event."""
    if not request.htmx:
        shown_at = url_for(
            "integrations.index", aplikacja=recurring_import.integration.vendor, _anchor=dom_id(recurring_import)
        )
        return redirect(shown_at, 303)
    run = history.latest(recurring_import)
    body = render_template("runs/_answer.html", recurring_import=recurring_import, run=run)
    return Response(body, headers={} if run and run.moves else {"HX-Trigger": "run-rests"})


@bp.get("/historia")
@login_required
def index() -> str:
    chosen = request.args.get("import", type=row_id)
    recurring_import = db.get_or_404(RecurringImport, chosen) if chosen else None
    status = request.args.get("stan", type=RunStatus)
    page = history.runs(recurring_import, status, request.args.get("przed", type=row_id))
    choices = imports_of_account()
    return render_template(
        "runs/index.html",
        page=page,
        recurring_import=recurring_import,
        status=status,
        choices=choices,
        names=history.list_names(),
    )


@bp.get("/historia/<int:run_id>")
@login_required
def show(run_id: int) -> str:
    run = db.get_or_404(ImportRun, run_id)
    reason = request.args.get("powod", "")
    page = history.rejected(run, reason, request.args.get("po", type=row_id))
    return render_template(
        "runs/show.html",
        run=run,
        recurring_import=run.recurring_import,
        latest=history.latest(run.recurring_import),
        list_name=history.list_name(run),
        labels={column["column"]: column["label"] for column in run.settings.get("columns", [])},
        page=page,
        reason=reason,
        reasons=history.rejects_by_reason(run),
        can_be_undone=undo.can_be_undone(run),
        kept=history.kept(run) if run.undone_at else [],
    )


@bp.get("/biegi/<int:run_id>/cofniecie")
@login_required
def confirm_undo(run_id: int) -> str:
    """What undoing would do, before it is done."""
    run = db.get_or_404(ImportRun, run_id)
    return render_template(
        "runs/undo.html",
        run=run,
        recurring_import=run.recurring_import,
        list_name=history.list_name(run),
        possible=undo.can_be_undone(run),
        busy=schedule.active_run(run.recurring_import),
        foreseen=undo.foreseen(run),
    )


@bp.post("/biegi/<int:run_id>/cofniecie")
@login_required
def undo_run(run_id: int) -> Response:
    run = db.get_or_404(ImportRun, run_id)
    if undo.ask(run):
        enqueue_undo(run.id)
        flash(
            _("The import is being undone, and the next ones are stopped. Change the settings, and then resume them."),
            "success",
        )
    else:
        flash(_("This import cannot be undone now."), "warning")
    return redirect(url_for(".show", run_id=run_id), 303)


@bp.get("/biegi/<int:run_id>/proba")
@login_required
def rehearsal(run_id: int) -> str:
    """A dry run: how far it is, and then what the import would do."""
    run = db.get_or_404(ImportRun, run_id)
    if run.kind is not RunKind.DRY:
        abort(404)
    return render_template(
        "runs/rehearsal.html",
        run=run,
        recurring_import=run.recurring_import,
        list_name=history.list_name(run),
        labels={column["column"]: column["label"] for column in run.settings["columns"]},
        outcomes=outcomes(run),
        mark=run.settings["mark"],
    )


@bp.get("/historia/<int:run_id>/odrzuceni.csv")
@login_required
def rejected_csv(run_id: int) -> Response:
    run = db.get_or_404(ImportRun, run_id)
    lines = stream_with_context(export.csv_lines(run, request.args.get("powod", "")))
    disposition = f'attachment; filename="odrzuceni-{run.id}.csv"'
    return Response(lines, content_type=export.CSV, headers={"Content-Disposition": disposition})


@bp.get("/historia/<int:run_id>/odrzuceni.xlsx")
@login_required
def rejected_xlsx(run_id: int) -> Response:
    run = db.get_or_404(ImportRun, run_id)
    book = export.xlsx_file(run, request.args.get("powod", ""))
    return send_file(book, export.XLSX, as_attachment=True, download_name=f"odrzuceni-{run.id}.xlsx")
