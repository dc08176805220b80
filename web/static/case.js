/**
 * The form of a new case: further incidents without a round trip, and nothing lost when the session has ended.
 */

import { keepAlive, post } from "./session.js";

const form = document.getElementById("case");
const incidents = document.getElementById("incidents");
const more = document.getElementById("more");
const notices = ["session-ended", "no-answer"].map((id) => document.getElementById(id));
let sure = false; // the server answers, and the session lasts: the submission under way may pass

more?.addEventListener("click", (event) => {
  event.preventDefault();
  addIncident();
});

form.addEventListener("submit", async (event) => {
  if (sure) {
    return;
  }
  event.preventDefault();
  const answer = await post(form, form.dataset.renew, new FormData()).catch(() => null);
  const fault = answer?.ok ? null : answer?.status === 401 ? "session-ended" : "no-answer";
  notices.forEach((notice) => { notice.hidden = notice.id !== fault; });
  if (fault !== null) {
    document.getElementById(fault).focus();
    return;
  }
  sure = true;
  form.requestSubmit(event.submitter);
  sure = false;
});

keepAlive(form, document.getElementById("session-ended"));

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
