/**
 * What the page says, in the language of whoever reads it. A message stays what it is until it stands in the document:
 * so the language can change under it, and nothing that is signed is ever made of translated words.
 */

const PLAIN = ["button", "option", "title"]; // elements that hold text alone
const PLACE = /%\((\w+)\)s/u;
const SILENT = "[translate=no], code, script, style, noscript";

/** @type {{languages: string[], messages: Record<string, string[]>}} by the English text */
const { languages, messages } = JSON.parse(
  document.getElementById("messages")?.textContent ?? "{\"languages\":[],\"messages\":{}}");

/** @type {WeakMap<Element, Message>} */
const told = new WeakMap();
let spoken = "en";

/** @typedef {Node | Message | string | number | ((language: string) => string)} Part */

export class Message {
  /** @param {string} text in English, with places such as %(day)s @param {Record<string, Part>} parts */
  constructor(text, parts) {
    this.text = text;
    this.parts = parts;
  }
}

/**
 * A message. What stands in a place keeps its own direction.
 * @param {string} text
 * @param {Record<string, Part>} [parts]
 */
export function _(text, parts = {}) {
  return new Message(text, parts);
}

/** Whole sentences, one after the other. @param {...Message} sentences */
export function together(...sentences) {
  return new Message(sentences.map((one, at) => `%(${at})s`).join(" "), { ...sentences });
}

/** A day of the calendar, written out. @param {string} iso */
export function day(iso) {
  const form = /** @type {const} */ ({ dateStyle: "long", timeZone: "UTC" });
  return new Message("%(day)s", { day: (language) => new Intl.DateTimeFormat(
    `${language === "en" ? "en-GB" : language}-u-nu-latn`, form).format(Date.parse(iso)) });
}

/** The wording of a message, as it is said now. @param {Message} message @returns {string} */
export function wording({ text, parts }) {
  return translated(text).split(PLACE).map((piece, at) => {
    const part = at % 2 === 0 ? piece : parts[piece];
    return part instanceof Message ? wording(part) : part instanceof Node ? part.textContent : inWords(part);
  }).join("");
}

/**
 * Let this stand in the place, in whatever language is spoken; null takes it away.
 * @template {Element} T
 * @param {T} place
 * @param {Message | null} message
 */
export function tell(place, message) {
  if (message === null) {
    told.delete(place);
    place.replaceChildren();
  } else {
    told.set(place, message);
    render(place, message);
  }
  return place;
}

/** Speak the first of the browser's languages that is known here, and offer the others. Nothing keeps which. */
export function startSpeaking() {
  document.querySelectorAll("title, body *").forEach((place) => {
    if (place.closest(SILENT) === null && Array.from(place.childNodes).some(isText)) {
      told.set(place, read(place));
    }
  });
  const choice = /** @type {HTMLSelectElement} */ (document.getElementById("language"));
  choice.addEventListener("change", () => speak(choice));
  const known = navigator.languages.map((tag) => tag.split("-")[0]).find((tag) => ["en", ...languages].includes(tag));
  choice.value = known ?? "en";
  speak(choice);
}

/** @param {HTMLSelectElement} choice */
function speak({ value, selectedOptions: [{ dir }] }) {
  spoken = value;
  Object.assign(document.documentElement, { lang: value, dir });
  document.getElementById("unreviewed").hidden = value === "en";
  document.querySelectorAll("*").forEach((place) => {
    if (told.has(place)) {
      render(place, told.get(place));
    }
  });
}

/** @param {Element} place @param {Message} message */
function render(place, message) {
  place.replaceChildren(...(PLAIN.includes(place.localName) ? [wording(message)] : nodes(message)));
}

/** @param {Message} message @returns {(Node | string)[]} */
function nodes({ text, parts }) {
  return translated(text).split(PLACE).flatMap((piece, at) => {
    const part = at % 2 === 0 ? piece : parts[piece];
    if (part instanceof Message) {
      return nodes(part);
    }
    return at % 2 === 0 || part instanceof Node ? [part] : [isolated(inWords(part))];
  });
}

/** @param {string} text */
function isolated(text) {
  const made = document.createElement("bdi");
  made.textContent = text;
  return made;
}

/** @param {Part} part */
function inWords(part) {
  return typeof part === "function" ? part(spoken) : String(part);
}

/** @param {string} text */
function translated(text) {
  return (Object.hasOwn(messages, text) && messages[text][languages.indexOf(spoken)]) || text;
}

/** The message that the page's HTML has here: its own text, and a place for each element in it. @param {Element} place */
function read(place) {
  const inside = Array.from(place.childNodes);
  const text = inside.map((one) => one instanceof Element ? `%(${one.localName})s` : one.textContent).join("");
  return new Message(text.replaceAll(/\s+/gu, " ").trim(),
    Object.fromEntries(Array.from(place.children, (one) => [one.localName, one])));
}

/** @param {Node} node */
function isText(node) {
  return node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== "";
}
