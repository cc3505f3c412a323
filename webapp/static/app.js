// Conveniences over pages that work without scripts.

// After an answer with faults, the first of them gets the focus.
function focusFirstFault(root) {
  const fault = root.querySelector("[aria-invalid=true]");
  if (fault) fault.focus();
}
document.addEventListener("DOMContentLoaded", () => focusFirstFault(document));
document.addEventListener("htmx:afterSettle", (event) => focusFirstFault(event.target));

// A double click sends a form once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
// The back button may bring a sent form back to life.
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
document.addEventListener("htmx:afterRequest", (event) => { delete event.target.dataset.sent; });

// A select takes its options from one shared list when it is about to be opened, after those that are its own.
function fill(event) {
  const select = event.target.closest?.("select[data-from]");
  if (!select) return;
  const shared = document.getElementById(select.dataset.from);
  const own = [...select.querySelectorAll("option[data-own]")];
  if (select.options.length === own.length + shared.options.length) return;
  const chosen = select.value;
  select.replaceChildren(...own, ...[...shared.options].map((option) => option.cloneNode(true)));
  select.value = chosen;
}
["pointerdown", "focusin", "keydown"].forEach((name) => document.addEventListener(name, fill));
