/**
 * The form of a new case: further incidents without a round trip, and nothing lost when the session has ended.
 */

import { sendSurely } from "./session.js";

const form = document.getElementById("case");
const incidents = document.getElementById("incidents");
const more = document.getElementById("more");

more?.addEventListener("click", (event) => {
  event.preventDefault();
  addIncident();
});

sendSurely(form, document.getElementById("session-ended"), document.getElementById("no-answer"));

/** Adds an empty row after the last one, and goes there. */
function addIncident() {
  const last = incidents.lastElementChild;
  const row = Number(last.dataset.row) + 1;
  const fresh = last.cloneNode(true);
  fresh.dataset.row = String(row);
  fresh.querySelector(".row-number").textContent = String(row);
  fresh.querySelectorAll(".wrong").forEach((sentence) => sentence.remove());
  for (const element of fresh.querySelectorAll("label, input, select")) {
    for (const attribute of ["id", "name", "for"].filter((name) => element.hasAttribute(name))) {
      element.setAttribute(attribute, element.getAttribute(attribute).replace(/\d+/, String(row)));
    }
    ["aria-invalid", "aria-describedby", "required"].forEach((name) => element.removeAttribute(name));
  }
  fresh.querySelectorAll("input").forEach((input) => { input.value = ""; });
  incidents.append(fresh);
  more.hidden = row >= Number(more.dataset.most);
  fresh.querySelector("input").focus();
}
