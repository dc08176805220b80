/**
 * The last look at a new case: its keys are born here, sealed to the team, entrusted to the custodians, and forgotten.
 *
 * The server signs the brief, which was typed into its form, with the reviewer's key. It is never sent a private key of
 * the case. The six words are made here, of what was made here.
 */

import { foundCase } from "./sealing/cases.js";
import { b64, documentDigest } from "./sealing/encoding.js";
import { fingerprint } from "./sealing/words.js";
import { post } from "./session.js";

const form = document.getElementById("proposal");
const button = document.getElementById("propose");
const working = document.getElementById("working");
const { plan, roster } = JSON.parse(document.getElementById("birth").textContent);
const notices = Array.from(form.querySelectorAll(".notice"));

/** Why it did not go on: by the id of the notice that says so. */
class Fault extends Error {}

button.disabled = false; // from here on somebody listens to it

let made = null; // kept after a lost answer, so that trying again proposes the very same case

button.addEventListener("click", async () => {
  show(null);
  setBusy(true);
  try {
    made ??= await make();
    await handIn(made);
    tell(made.words);
  } catch (error) {
    show(error instanceof Fault ? error.message : "not-made");
  } finally {
    setBusy(false);
  }
});

/** The case, with its digest and six words. */
async function make() {
  const brief = await ask(form.dataset.brief, new FormData(form));
  if (brief.document?.roster !== roster.version) {
    throw new Fault("changed");
  }
  const born = await foundCase(plan, brief, roster);
  const digest = await documentDigest(born.document);
  return { ...born, digest: b64(digest), words: await fingerprint(digest) };
}

/** @param {Awaited<ReturnType<typeof make>>} born */
async function handIn(born) {
  const fields = new FormData();
  fields.set("document", JSON.stringify(born.document));
  fields.set("attachments", JSON.stringify(born.attachments));
  if ((await ask(form.dataset.proposal, fields)).digest !== born.digest) {
    throw new Fault("another");
  }
}

/**
 * What the server says to a form's fields. Throws a Fault unless it takes them.
 * @param {string} address
 * @param {FormData} fields
 */
async function ask(address, fields) {
  const answer = await post(form, address, fields).catch(() => null);
  const said = await answer?.json().catch(() => null);
  if (answer?.ok && said) {
    return said;
  }
  if (answer?.status === 401) {
    throw new Fault("session-ended");
  }
  if (!said?.error || answer.status >= 500) {
    throw new Fault("no-answer");
  }
  made = null; // what was refused is made anew
  document.getElementById("refused-why").textContent = said.error;
  throw new Fault("refused");
}

/** @param {string} words */
function tell(words) {
  document.getElementById("six-words").textContent = words;
  document.getElementById("before").hidden = true;
  document.getElementById("after").hidden = false;
  document.getElementById("proposed").focus();
}

/** @param {string | null} id of the one notice to show, if any */
function show(id) {
  notices.forEach((notice) => { notice.hidden = notice.id !== id; });
  notices.find((notice) => notice.id === id)?.focus();
}

/** @param {boolean} now */
function setBusy(now) {
  form.setAttribute("aria-busy", String(now));
  working.textContent = now ? working.dataset.said : "";
  Array.from(form.elements).filter(({ tagName }) => tagName === "BUTTON").forEach((one) => { one.disabled = now; });
}
