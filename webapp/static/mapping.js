// Conveniences of „Przypisz pola dodatkowe”; without them the page works as it is.
const map = document.querySelector(".map");
const find = document.getElementById("find");
const onlyUnknown = document.getElementById("only-unknown");
document.querySelectorAll("[data-needs-script]").forEach((part) => { part.hidden = false; });

// A card looks like what is chosen in it.
const STATES = { "": "unknown", skip: "skipped", new: "create" };
map.addEventListener("change", (event) => {
  if (event.target.name !== "target") return;
  const card = event.target.closest(".col-card");
  card.classList.remove("unknown", "skipped", "create", "auto");
  card.classList.add(STATES[event.target.value] || "auto");
  card.querySelectorAll(".agreed").forEach((mark) => { mark.hidden = mark.dataset.target !== event.target.value; });
  if (event.target.value === "new") openNewField(card);
});
function openNewField(card) {
  card.querySelector("details").open = true;
  card.querySelector("[name=new_label]").focus();
}
map.addEventListener("htmx:afterSettle", (event) => {
  const select = event.target.querySelector?.("[name=target]");
  if (select) select.dispatchEvent(new Event("change", { bubbles: true }));
});

// Search, and the filter of what is still unassigned.
const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[łŁ]/g, "l").toLowerCase();
function narrow() {
  const words = folded(find.value.trim());
  let shown = 0;
  for (const card of map.children) {
    const select = card.querySelector("[name=target]");
    const text = folded(card.querySelector(".src").textContent + select.selectedOptions[0].text);
    card.hidden = !text.includes(words) || (onlyUnknown.checked && select.value !== "");
    shown += !card.hidden;
  }
  document.getElementById("nothing-found").hidden = shown > 0;
}
// They are no part of the form's data: a change of them saves nothing.
for (const control of [find, onlyUnknown]) {
  for (const name of ["input", "change"]) control.addEventListener(name, (event) => { event.stopPropagation(); narrow(); });
  control.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
}

// The wheel and a drag with the mouse scroll sideways; touch and the arrow keys do so by themselves.
map.addEventListener("wheel", (event) => {
  if (event.deltaX || event.ctrlKey || event.target.closest("textarea")) return;
  const before = map.scrollLeft;
  map.scrollLeft += event.deltaY;
  if (map.scrollLeft !== before) event.preventDefault();
}, { passive: false });
let grip = null;
map.addEventListener("pointerdown", (event) => {
  if (event.pointerType !== "mouse" || event.button || event.target.closest("select, input, textarea, button, summary, label")) return;
  grip = { x: event.clientX, left: map.scrollLeft };
});
addEventListener("pointermove", (event) => { if (grip) map.scrollLeft = grip.left - (event.clientX - grip.x); });
addEventListener("pointerup", () => { grip = null; });
