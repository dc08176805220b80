/**
 * The page's own small ways with the document. Text is always set as text: nothing that somebody wrote becomes markup.
 */

import { spelledOut } from "./plain.js";
import { parse } from "./reading.js";
import { need, Refusal } from "./refusal.js";
import { _, Message, tell } from "./speaking.js";

const UNFORESEEN = _("This could not be done: choose the files again, or reload the page.");
const LARGEST_FILE = 4 * 1024 * 1024;

/** @param {string} id @returns {any} */
export function at(id) {
  return document.getElementById(id);
}

/**
 * A new element. Children that are strings become text, messages what they say.
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {...(Node | Message | string)} children
 */
export function element(name, attributes, ...children) {
  const made = document.createElement(name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  if (children.length === 1 && children[0] instanceof Message) {
    return tell(made, children[0]);
  }
  made.append(...children.map((one) => one instanceof Message ? element("span", {}, one) : one));
  return made;
}

/** Somebody else's words: they cannot hide, nor reorder what stands in or around them. @param {string} text */
export function foreign(text) {
  return element("bdi", { translate: "no" }, spelledOut(text));
}

/**
 * A list of facts: what is called what.
 * @param {[Message, Node | Message | string, (Node | Message)?][]} rows each with a hint, if there is one
 */
export function facts(rows) {
  return element("dl", { class: "facts" }, ...rows.map(([name, value, hint]) => element("div", {},
    element("dt", {}, name), element("dd", {}, value), ...(hint ? [element("dd", { class: "hint" }, hint)] : []))));
}

/** Show one section, clear what was wrong, and let a screen reader begin there. @param {string} id */
export function show(id) {
  document.querySelectorAll("main > section").forEach((section) => { section.hidden = section.id !== id; });
  at("leave").hidden = id === "start";
  say(null);
  complain(null);
  at(`${id}-title`).focus();
  window.scrollTo(0, 0);
}

/** What goes on now, for everybody, or nothing. @param {Message | null} message */
export function say(message) {
  tell(at("says"), message);
}

/** What is wrong, or nothing. @param {Message | null} message */
export function complain(message) {
  tell(at("wrong"), message);
  at("wrong").hidden = message === null;
  if (message !== null) {
    at("wrong").scrollIntoView({ block: "center" });
  }
}

/**
 * Do this when the section's form is sent: once at a time, and say in one sentence what is refused.
 * @param {string} id the section
 * @param {Message | null} busy what is said meanwhile
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
    complain(null);
    say(busy);
    await new Promise((painted) => { setTimeout(painted, 30); });
    try {
      await action();
    } catch (error) {
      say(null);
      complain(error instanceof Refusal ? error.said : UNFORESEEN);
    } finally {
      form.removeAttribute("aria-busy");
    }
  });
}

/** What was typed, which the field then forgets. @param {string} id @param {Message} missing for who left it out */
export function takeTyped(id, missing) {
  const typed = at(id).value;
  at(id).value = "";
  need(typed.trim() !== "", missing);
  return typed;
}

/**
 * The document in a field: a file that was chosen, or else a text that was pasted.
 * @param {string} id
 * @param {Message} missing for who left it out
 * @param {number} [largest] in bytes
 * @returns {Promise<any>}
 */
export async function readField(id, missing, largest = LARGEST_FILE) {
  const [file] = at(id).files;
  const pasted = at(`${id}-text`)?.value ?? "";
  need(file !== undefined || pasted.trim() !== "", missing);
  need(file === undefined || pasted.trim() === "", _("Choose the file or paste its text, not both."));
  need((file?.size ?? pasted.length) <= largest, _("This file is too large to be one of the vault's."));
  return parse(file === undefined ? pasted : await textOf(file));
}

/**
 * Something to carry away: a file to save, and the same as text to copy.
 * @param {{title: Message, says: Message, name: string, content: any, copied?: boolean}} given
 */
export function offer({ title, says, name, content, copied = true }) {
  const text = JSON.stringify(content);
  const save = element("button", { type: "button" }, _("Save %(file)s", { file: name }));
  save.addEventListener("click", () => download(name, text));
  const given = element("div", { class: "give" }, element("h2", { id: `${name}-title` }, title),
    element("p", {}, says), element("div", { class: "actions" }, save));
  if (copied) {
    given.append(asText(name, text));
  }
  return given;
}

/** @param {string} name @param {string} text */
function asText(name, text) {
  const named = { "aria-labelledby": `${name}-title ${name}-summary`, dir: "ltr", spellcheck: "false" };
  const area = element("textarea", { class: "mono", rows: "4", readonly: "", ...named });
  area.value = text;
  area.addEventListener("focus", () => area.select());
  const summary = element("summary", { id: `${name}-summary` }, _("As text, to copy"));
  return element("details", { class: "more" }, summary, area);
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
    throw new Refusal(_("This file cannot be read: choose it again."));
  }
}
