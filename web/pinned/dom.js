/**
 * The page's own small ways with the document. Text is always set as text: nothing that somebody wrote becomes markup.
 */

import { spelledOut } from "./plain.js";
import { parse } from "./reading.js";
import { need, Refusal } from "./refusal.js";

const UNFORESEEN = "This could not be done: choose the files again, or reload the page.";
const LARGEST_FILE = 4 * 1024 * 1024;

/** @param {string} id @returns {any} */
export function at(id) {
  return document.getElementById(id);
}

/**
 * A new element. Children that are strings become text.
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 */
export function element(name, attributes, ...children) {
  const made = document.createElement(name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  made.append(...children);
  return made;
}

/** Somebody else's words: they cannot hide, nor reorder what stands in or around them. @param {string} text */
export function foreign(text) {
  return element("bdi", { translate: "no" }, spelledOut(text));
}

/**
 * A list of facts: what is called what.
 * @param {[string, Node | string, (Node | string)?][]} rows each with a hint, if there is one
 */
export function facts(rows) {
  return element("dl", { class: "facts" }, ...rows.map(([name, value, hint]) => element("div", {},
    element("dt", {}, name), element("dd", {}, value), ...(hint ? [element("dd", { class: "hint" }, hint)] : []))));
}

/** Show one section, clear what was wrong, and let a screen reader begin there. @param {string} id */
export function show(id) {
  document.querySelectorAll("main > section").forEach((section) => { section.hidden = section.id !== id; });
  at("leave").hidden = id === "start";
  say("");
  complain("");
  at(`${id}-title`).focus();
  window.scrollTo(0, 0);
}

/** What goes on now, for everybody. @param {string} sentence */
export function say(sentence) {
  at("says").textContent = sentence;
}

/** What is wrong, or nothing. @param {string} sentence */
export function complain(sentence) {
  at("wrong").textContent = sentence;
  at("wrong").hidden = sentence === "";
  if (sentence !== "") {
    at("wrong").scrollIntoView({ block: "center" });
  }
}

/**
 * Do this when the section's form is sent: once at a time, and say in one sentence what is refused.
 * @param {string} id the section
 * @param {string} busy what is said meanwhile
 * @param {() => Promise<void>} action
 */
export function onSend(id, busy, action) {
  const form = at(id).querySelector("form");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.getAttribute("aria-busy") === "true") {
      return;
    }
    form.setAttribute("aria-busy", "true");
    complain("");
    say(busy);
    await new Promise((painted) => { setTimeout(painted, 30); });
    try {
      await action();
    } catch (error) {
      say("");
      complain(error instanceof Refusal ? error.message : UNFORESEEN);
    } finally {
      form.removeAttribute("aria-busy");
    }
  });
}

/** What was typed, which the field then forgets. @param {string} id @param {string} what it is, for who left it out */
export function takeTyped(id, what) {
  const typed = at(id).value;
  at(id).value = "";
  need(typed.trim() !== "", `Type ${what}.`);
  return typed;
}

/**
 * The document in a field: a file that was chosen, or else a text that was pasted.
 * @param {string} id
 * @param {string} what it is, for who left it out
 * @param {number} [largest] in bytes
 * @returns {Promise<any>}
 */
export async function readField(id, what, largest = LARGEST_FILE) {
  const [file] = at(id).files;
  const pasted = at(`${id}-text`)?.value ?? "";
  need(file !== undefined || pasted.trim() !== "", `Choose ${what}.`);
  need(file === undefined || pasted.trim() === "", `Choose ${what} or paste it, not both.`);
  need((file?.size ?? pasted.length) <= largest, "This file is too large to be one of the vault's.");
  return parse(file === undefined ? pasted : await textOf(file));
}

/**
 * Something to carry away: a file to save, and the same as text to copy.
 * @param {{title: string, says: string, name: string, content: any, copied?: boolean}} given
 */
export function offer({ title, says, name, content, copied = true }) {
  const text = JSON.stringify(content);
  const save = element("button", { type: "button" }, `Save ${name}`);
  save.addEventListener("click", () => download(name, text));
  const given = element("div", { class: "give" }, element("h2", {}, title), element("p", {}, says),
    element("div", { class: "actions" }, save));
  if (copied) {
    given.append(asText(title, text));
  }
  return given;
}

/** @param {string} title @param {string} text */
function asText(title, text) {
  const named = { "aria-label": `${title}, as text`, dir: "ltr", spellcheck: "false" };
  const area = element("textarea", { class: "mono", rows: "4", readonly: "", ...named });
  area.value = text;
  area.addEventListener("focus", () => area.select());
  return element("details", { class: "more" }, element("summary", {}, "As text, to copy"), area);
}

/** @param {string} name @param {string} text */
function download(name, text) {
  const url = URL.createObjectURL(new Blob([text, "\n"], { type: "application/json" }));
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/** @param {File} file */
async function textOf(file) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await file.arrayBuffer());
  } catch {
    throw new Refusal("This file cannot be read: choose it again.");
  }
}
