// What a page shows when somebody acts on it: its form controls with labels, headings, table heads. No passwords.
(() => {
  if (window.__walkWatched) return;
  window.__walkWatched = true;
  const clean = (text) => (text || "").replace(/[*:：\s]+/g, " ").trim().slice(0, 60);
  const seen = (node) => !!(node.offsetWidth || node.offsetHeight || node.getClientRects().length);
  const named = (node) => clean(node.getAttribute("aria-label") || node.innerText || node.value || node.title);
  const byIds = (ids) => clean((ids || "").split(/\s+/).map((id) => document.getElementById(id)?.innerText || "").join(" "));
  const near = (node) => {
    let place = node.parentElement;
    for (let up = 0; place && up < 5; up += 1, place = place.parentElement) {
      if (place.tagName === "FORM" || place.tagName === "BODY") return "";
      const label = place.querySelector("label, legend, dt, [class*='label' i]");
      if (label && seen(label) && !label.contains(node) && clean(label.innerText)) return clean(label.innerText);
    }
    return "";
  };
  const around = (label, node) => clean([...label.childNodes]
    .map((one) => (one === node || (one.contains && one.contains(node)) ? "" : one.textContent)).join(" "));
  const labelOf = (node) => {
    const own = node.labels && node.labels.length ? around(node.labels[0], node) : "";
    return own || byIds(node.getAttribute("aria-labelledby")) || clean(node.getAttribute("aria-label")) || near(node)
      || clean(node.placeholder) || clean(node.title);
  };
  const controls = () => [...document.querySelectorAll("input, select, textarea, [role=combobox], [contenteditable=true]")]
    .filter((node) => seen(node) && node.type !== "hidden")
    .slice(0, 200)
    .map((node) => ({
      label: labelOf(node),
      name: node.name || node.id || "",
      type: node.type || node.getAttribute("role") || "text",
      value: node.type === "password" ? "" : String(node.value ?? node.innerText ?? "").slice(0, 200),
      options: node.tagName === "SELECT" ? [...node.options].slice(0, 40).map((one) => [one.value, clean(one.text)]) : [],
    }));
  const texts = (what, most) => [...document.querySelectorAll(what)].filter(seen).map((one) => clean(one.innerText))
    .filter(Boolean).slice(0, most);
  const tell = (clicked, role) => {
    try {
      window.__walk({
        at: Date.now(), url: location.href, clicked, role, controls: controls(), headings: texts("h1, h2", 5),
        columns: texts("th, [role=columnheader]", 40),
      });
    } catch (error) { /* the page is going away */ }
  };
  const actor = (node) => node.closest("button, a, [role=button], [role=link], [role=tab], [role=menuitem], input[type=submit]");
  document.addEventListener("click", (event) => {
    const node = event.target instanceof Element ? actor(event.target) : null;
    if (node) tell(named(node), node.getAttribute("role") || node.tagName.toLowerCase());
  }, true);
  document.addEventListener("keydown", (event) => { if (event.key === "Enter") tell("", "enter"); }, true);
  window.__walkTell = () => tell("", "step");
  window.addEventListener("load", () => setTimeout(() => tell("", "load"), 300));
})();
