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
