/**
 * One entry as a line of the table, and the choices by which lines are sifted. Ids are shortened, and unfold.
 */

import { inWords } from "./acts.js";
import { element, foreign } from "./dom.js";
import { spelledOut } from "./plain.js";

const SHORT = 6;
const NAMED = 20;
const ID = /^[A-Za-z0-9_-]{22,}$/;
const UNREAD = {
  unaddressed: "Not sealed to you: you were not a custodian then, and it has not been sealed anew since.",
  unopened: "Sealed to a key that your key file does not have: one of a former epoch, perhaps destroyed.",
  changed: "Changed, or in the place of another: it is not what the chain commits to. Tell the other custodians.",
  missing: "Missing from this file. Take it again; if it stays away, tell the other custodians.",
};

/** @typedef {{position: number, state: import("./audits.js").State, body: import("./audits.js").Body | null}} Line */

/** @param {Line} line */
export function row({ position, state, body }) {
  const place = element("th", { role: "rowheader", scope: "row", tabindex: "-1" }, String(position));
  if (body === null) {
    const alarming = state === "changed" || state === "missing";
    const said = element("td", { role: "cell", colspan: "4", class: alarming ? "wrong" : "nil" }, UNREAD[state]);
    return element("tr", { role: "row" }, place, said);
  }
  const who = body.actor === "" ? element("span", { class: "nil" }, "nobody") : foreign(body.actor);
  const about = Object.entries(body.about).map(([name, value]) => element("span", { class: "line" },
    element("span", { class: "soft" }, foreign(name), " "), detail(value)));
  return element("tr", { role: "row" }, place, cell("day", foreign(body.day)), cell("actor", who),
    cell("what", foreign(inWords(body.act))), cell("about", ...about));
}

/**
 * What can be chosen: all, or one of those that occur, with how often.
 * @param {string} all
 * @param {string[]} found
 * @param {(one: string) => string} words
 */
export function choices(all, found, words) {
  const counted = new Map();
  found.forEach((one) => counted.set(one, (counted.get(one) ?? 0) + 1));
  const named = [...counted].map(([one, count]) => [spelledOut(words(one)), one, count]).sort();
  return [element("option", { value: "" }, all), ...named.map(([name, one, count]) => (
    element("option", { value: `=${one}`, dir: "auto" }, `${name} (${count})`)))];
}

/** @param {string} choice @param {string | undefined} one */
export function isChosen(choice, one) {
  return choice === "" || choice === `=${one}`;
}

/** @param {string} actor */
export function whoInWords(actor) {
  return actor === "" ? "nobody" : actor;
}

/** @param {number[]} positions the newest first */
export function placesInWords(positions) {
  const named = [...positions].reverse().slice(0, NAMED).join(", ");
  const more = positions.length > NAMED ? ` and ${positions.length - NAMED} more` : "";
  return positions.length === 1 ? `Entry ${named} is` : `Entries ${named}${more} are`;
}

/** @param {string} name @param {...Node} children */
function cell(name, ...children) {
  return element("td", { role: "cell", class: name }, ...children);
}

/** @param {any} value */
function detail(value) {
  if (typeof value === "string" && ID.test(value)) {
    const code = (text) => element("code", { dir: "ltr", translate: "no" }, text);
    return element("details", { class: "id" }, element("summary", { title: value }, code(`${value.slice(0, SHORT)}…`)),
      code(value));
  }
  return value === "" ? element("span", { class: "nil" }, "—") : foreign(String(
    typeof value === "object" ? JSON.stringify(value) : value));
}
