/**
 * The interview page: seals the witness's identity on this device before the form is posted.
 *
 * The identity's inputs have no `name`, so a browser never posts them, with or without this script. What is posted is
 * `sealed_identity`: an escrow record that only a quorum of custodians can open (docs/FORMATS.md §3).
 *
 * Before it is sealed, the server is asked whether it would take the rest: what a server refuses comes back as a new
 * page, on which an identity would have to be typed again.
 */

import { mentions } from "./mentions.js";
import { canonical } from "./sealing/encoding.js";
import { entrust } from "./sealing/escrow.js";
import { IDENTITY_LONGEST, IDENTITY_PADDED, identityPayload } from "./sealing/identity.js";
import { keepAlive, post } from "./session.js";

/** @typedef {import("./sealing/identity.js").Identity} Identity */

const form = document.getElementById("interview");
const depositButton = form.querySelector("button[name=act][value=deposit]");
const saveButton = form.querySelector("button[name=act][value=save]");
const sealed = form.elements.namedItem("sealed_identity");
const inputs = Array.from(form.querySelectorAll("[data-identity]"));
const notices = ["identity-in-testimony", "identity-too-long", "identity-not-sealed", "not-yet", "no-answer", "session-ended"]
  .map((id) => document.getElementById(id));

let busy = false; // asking, sealing, or on its way
let ready = false; // sealed: the submission under way may pass
let accepted = false; // the witness is named in the testimony, and that is meant

form.addEventListener("submit", (event) => {
  if (ready) {
    return;
  }
  const identity = readIdentity();
  // A draft never holds an identity: it is neither sealed nor posted.
  const wanted = event.submitter !== saveButton && !isEmpty(identity);
  if (busy || wanted) {
    event.preventDefault();
  }
  const named = wanted && !accepted && mentions(identity, account());
  show(named ? "identity-in-testimony" : null);
  if (wanted && !named && !busy) {
    sealAndPost(identity);
  }
});

// A field that the browser finds wrong may stand in a part that is folded away.
form.addEventListener("invalid", ({ target }) => {
  for (let part = target.closest("details"); part !== null; part = part.parentElement.closest("details")) {
    part.open = true;
  }
}, true);

document.getElementById("deposit-anyway").addEventListener("click", () => {
  accepted = true;
  form.requestSubmit(depositButton);
  accepted = false;
});

// The browser has gathered what it posts, and the form is really on its way; unless it is `check` that gathers.
form.addEventListener("formdata", () => {
  if (busy) {
    return;
  }
  inputs.forEach((input) => { input.value = ""; });
  setBusy(true);
});

// Also when somebody comes back to this page: what is sealed must be what is typed now, for the pseudonym of now.
window.addEventListener("pageshow", () => {
  sealed.value = "";
  setBusy(false);
});

keepAlive(form, document.getElementById("session-ended"));

/** @param {Identity} identity */
async function sealAndPost(identity) {
  setBusy(true);
  // A form cannot be submitted from within its own submit event, and sealing may be quick enough to end there.
  await new Promise((resolve) => { setTimeout(resolve); });
  try {
    const payload = identityPayload(pseudonym(), identity);
    if (payload.length > IDENTITY_LONGEST) {
      show("identity-too-long");
      return;
    }
    const fault = await check();
    if (fault !== null) {
      show(fault);
      return;
    }
    sealed.value = new TextDecoder().decode(canonical(await seal(payload)));
  } catch {
    show("identity-not-sealed");
    return;
  } finally {
    setBusy(false);
  }
  ready = true;
  form.requestSubmit(depositButton);
  ready = false;
}

/**
 * Asks the server whether it would take the interview as it stands, without the identity.
 * @returns {Promise<string | null>} id of the notice that says why not
 */
async function check() {
  const fields = new FormData(form);
  fields.set("act", "check");
  const answer = await post(form, form.action, fields).catch(() => null);
  if (answer?.status === 204) {
    return null;
  }
  if (answer?.status === 422) {
    document.getElementById("not-yet-why").textContent = (await answer.json()).error;
    return "not-yet";
  }
  return answer?.status === 401 ? "session-ended" : "no-answer";
}

/** @param {Uint8Array} payload */
function seal(payload) {
  const roster = JSON.parse(document.getElementById("custodians").textContent);
  const { vault, record } = form.dataset;
  return entrust({ purpose: "identity", vault, record, roster, payload, paddedTo: IDENTITY_PADDED });
}

/** What the witness said, as typed. */
function account() {
  return ["testimony", "reason"].map((name) => form.elements.namedItem(name).value).join("\n");
}

/** @returns {Identity} */
function readIdentity() {
  return Object.fromEntries(inputs.map((input) => [input.dataset.identity, input.value.trim()]));
}

/** @param {Identity} identity */
function isEmpty(identity) {
  return Object.values(identity).every((text) => text === "");
}

/** The witness's pseudonym: the new one that the page shows, or the one typed, written as the vault writes it. */
function pseudonym() {
  const text = form.elements.namedItem("kind").value === "original"
    ? document.getElementById("new-pseudonym").dataset.value
    : form.elements.namedItem("pseudonym").value;
  return text.toLowerCase().split(/[\s-]+/).filter(Boolean).join("-");
}

/** @param {string | null} id of the one notice to show, if any */
function show(id) {
  for (const notice of notices) {
    notice.hidden = notice.id !== id;
  }
  notices.find((notice) => notice.id === id)?.focus();
}

/** @param {boolean} now */
function setBusy(now) {
  busy = now;
  form.setAttribute("aria-busy", String(now));
  Array.from(form.elements).filter(({ type }) => type === "submit").forEach((button) => { button.disabled = now; });
}
