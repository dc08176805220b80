/** What is about to be handed in, in a few lines: what is allowed, how much is said, whether an identity is sealed. */

/** @param {HTMLFormElement} form */
export function sumUp(form) {
  const allowed = Array.from(form.querySelectorAll(".agree :checked"), (box) => words(box, "b"));
  const recorded = form.elements.namedItem("consent-recording").checked;
  const identity = Array.from(form.querySelectorAll("[data-identity]")).some(({ value }) => value.trim() !== "");
  const testimony = form.elements.namedItem("testimony").value;
  part("consent").textContent = recorded ? allowed.join(" ") : "";
  part("no-consent").hidden = recorded;
  part("kind").textContent = words(form.querySelector("[name=kind]:checked"), "span");
  count("words", testimony.split(/\s+/).filter(Boolean).length);
  count("claims", form.querySelectorAll(".claim:has(.how [name$=-perception]:checked)").length);
  part("identity").hidden = !identity;
  part("no-identity").hidden = identity;
  lack(Array.from(form.querySelectorAll(":is(input, select, textarea):invalid")));
  document.getElementById("summed").hidden = false;
}

/** @param {Element[]} fields that the browser would not let go */
function lack(fields) {
  const list = part("missing").querySelector("ul");
  list.replaceChildren(...fields.map((field) => {
    const [line, link] = [document.createElement("li"), document.createElement("a")];
    link.href = `#${field.id || field.closest("[id]").id}`;
    link.textContent = field.labels[0]?.textContent ?? field.getAttribute("aria-label");
    line.append(link);
    return line;
  }));
  part("missing").hidden = fields.length === 0;
}

/**
 * @param {string} name
 * @param {number} number
 */
function count(name, number) {
  part(name).textContent = part(name).dataset.said.replace("{number}", String(number));
}

/**
 * What is written beside a box.
 * @param {Element} box
 * @param {string} within
 */
function words(box, within) {
  return box.closest("label").querySelector(within).textContent;
}

/** @param {string} name */
function part(name) {
  return document.getElementById(`summed-${name}`);
}
