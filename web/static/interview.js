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
import { MATCH_PADDED, matchPayload } from "./sealing/match.js";
import { keepAlive, post } from "./session.js";
import { begin, reveal } from "./steps.js";

/** @typedef {import("./sealing/identity.js").Identity} Identity */
/** @typedef {import("./sealing/match.js").Match} Match */

const form = document.getElementById("interview");
const depositButton = form.querySelector("button[name=act][value=deposit]");
const sealed = form.elements.namedItem("sealed_identity");
const sealedMatch = form.elements.namedItem("sealed_match");
const inputs = Array.from(form.querySelectorAll("[data-identity]"));
const matchInputs = Array.from(form.querySelectorAll("[data-match]"));
const notices = ["identity-in-testimony", "identity-too-long", "identity-not-sealed", "match-needs-name", "not-yet", "no-answer", "session-ended"]
  .map((id) => document.getElementById(id));

let busy = false; // asking, sealing, or on its way
let gathering = false; // what stands in the form is read, and not on its way
let ready = false; // sealed: the submission under way may pass
let accepted = false; // the witness is named in the testimony, and that is meant

form.addEventListener("submit", (event) => {
  if (ready) {
    return;
  }
  const identity = readIdentity();
  // A draft never holds an identity: it is neither sealed nor posted.
  const match = readMatch(identity);
  const wanted = event.submitter === depositButton && !(isEmpty(identity) && isEmpty(match));
  if (busy || wanted) {
    event.preventDefault();
  }
  const named = wanted && !accepted && mentions(identity, account());
  show(named ? "identity-in-testimony" : null);
  if (wanted && !named && !busy) {
    sealAndPost(identity, match);
  }
});

// A field that the browser finds wrong may stand in another step, or in a part that is folded away.
form.addEventListener("invalid", ({ target }) => {
  if (target === form.querySelector(":is(input, select, textarea):invalid")) {
    reveal(target);
  }
}, true);

document.getElementById("deposit-anyway").addEventListener("click", () => {
  accepted = true;
  form.requestSubmit(depositButton);
  accepted = false;
});

// The browser has gathered what it posts, and the form is really on its way; unless it is only asked or kept.
form.addEventListener("formdata", () => {
  if (gathering) {
    return;
  }
  [...inputs, ...matchInputs].forEach((input) => { input.value = ""; });
  setBusy(true);
});

// Also when somebody comes back to this page: what is sealed must be what is typed now, for the pseudonym of now.
window.addEventListener("pageshow", () => {
  sealed.value = "";
  sealedMatch.value = "";
  setBusy(false);
});

keepAlive(form, document.getElementById("session-ended"));
begin(form, keep);

// Only now can an identity be typed: before this script listens, a deposit would leave it out.
form.querySelectorAll("fieldset:disabled").forEach((part) => { part.disabled = false; });

/**
 * @param {Identity} identity
 * @param {Match} match
 */
async function sealAndPost(identity, match) {
  setBusy(true);
  // A form cannot be submitted from within its own submit event, and sealing may be quick enough to end there.
  await new Promise((resolve) => { setTimeout(resolve); });
  try {
    const payload = identityPayload(pseudonym(), identity);
    if (payload.length > IDENTITY_LONGEST) {
      show("identity-too-long");
      return;
    }
    if (!isEmpty(match) && match.name === "") {
      show("match-needs-name");
      return;
    }
    const fault = await check();
    if (fault !== null) {
      show(fault);
      return;
    }
    const { record, matchRecord } = form.dataset;
    sealed.value = isEmpty(identity) ? "" : await seal("identity", record, payload, IDENTITY_PADDED);
    sealedMatch.value = isEmpty(match) ? "" : await seal("match", matchRecord, matchPayload(match), MATCH_PADDED);
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
  const answer = await send("check");
  if (answer?.status === 204) {
    return null;
  }
  if (answer?.status === 422) {
    explain(await answer.json());
    return "not-yet";
  }
  return answer?.status === 401 ? "session-ended" : "no-answer";
}

/**
 * Keeps what was typed as a draft, without the identity; nothing else happens.
 * @returns {Promise<boolean>} whether it is kept
 */
async function keep() {
  const answer = await send("keep");
  if (answer?.status === 401) {
    document.getElementById("session-ended").hidden = false;
  }
  return answer?.status === 204;
}

/**
 * What stands in the form's named fields; the identity's have no names, and what is sealed of it stays here.
 * @param {string} act
 */
async function send(act) {
  gathering = true;
  const fields = new FormData(form);
  gathering = false;
  ["sealed_identity", "sealed_match"].forEach((name) => fields.delete(name));
  fields.set("act", act);
  return post(form, form.action, fields).catch(() => null);
}

/**
 * @param {string} purpose
 * @param {string} record
 * @param {Uint8Array} payload
 * @param {number} paddedTo
 */
async function seal(purpose, record, payload, paddedTo) {
  const roster = JSON.parse(document.getElementById("custodians").textContent);
  const { vault } = form.dataset;
  return new TextDecoder().decode(canonical(await entrust({ purpose, vault, record, roster, payload, paddedTo })));
}

/** What the witness said, as typed. */
function account() {
  return ["testimony", "reason"].map((name) => form.elements.namedItem(name).value).join("\n");
}

/** @returns {Identity} */
function readIdentity() {
  return Object.fromEntries(inputs.map((input) => [input.dataset.identity, input.value.trim()]));
}

/**
 * What tells whether somebody was interviewed twice; the name is that of the identity where no other was typed.
 * @param {Identity} identity
 * @returns {Match}
 */
function readMatch({ name }) {
  const typed = Object.fromEntries(matchInputs.map((input) => [input.dataset.match, input.value.trim()]));
  return { ...typed, name: typed.name || name.slice(0, 200) };
}

/** @param {Identity | Match} typed */
function isEmpty(typed) {
  return Object.values(typed).every((text) => text === "");
}

/** The witness's pseudonym: the new one that the page shows, or the one typed, written as the vault writes it. */
function pseudonym() {
  const text = form.elements.namedItem("kind").value === "original"
    ? document.getElementById("new-pseudonym").dataset.value
    : form.elements.namedItem("pseudonym").value;
  return text.toLowerCase().split(/[\s-]+/).filter(Boolean).join("-");
}

/** @param {{ error: string, field?: string | null }} fault with a link to its field, where it has one */
function explain({ error, field }) {
  const why = document.createElement(field ? "a" : "span");
  why.textContent = error;
  if (field) {
    why.href = `#${field}`;
  }
  document.getElementById("not-yet-why").replaceChildren(why);
}

/** @param {string | null} id of the one notice to show, if any */
function show(id) {
  for (const notice of notices) {
    notice.hidden = notice.id !== id;
  }
  const shown = notices.find((notice) => notice.id === id);
  if (shown !== undefined) {
    reveal(shown);
    shown.focus();
  }
}

/** @param {boolean} now */
function setBusy(now) {
  busy = now;
  form.setAttribute("aria-busy", String(now));
  Array.from(form.elements).filter(({ type }) => type === "submit").forEach((button) => { button.disabled = now; });
}
