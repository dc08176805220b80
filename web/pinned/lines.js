/**
 * One entry as a line of the table, and the choices by which lines are sifted. Ids are shortened, and unfold.
 */

import { inWords, memberInWords, valueInWords } from "./acts.js";
import { element, foreign } from "./dom.js";
import { spelledOut } from "./plain.js";
import { _, Message, wording } from "./speaking.js";

const SHORT = 6;
const NAMED = 20;
const ID = /^[A-Za-z0-9_-]{22,}$/;
const NOBODY = _("nobody");
const UNREAD = {
  unaddressed: _("Not sealed to you: you were not a custodian then, and it has not been sealed anew since."),
  unopened: _("Sealed to a key that your key file does not have: one of a former epoch, perhaps destroyed."),
  changed: _("Changed, or in the place of another: it is not what the chain commits to. Tell the other custodians."),
  missing: _("Missing from this file. Take it again; if it stays away, tell the other custodians."),
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
  const who = body.actor === "" ? element("span", { class: "nil" }, NOBODY) : foreign(body.actor);
  const about = Object.entries(body.about).map(([name, value]) => element("span", { class: "line" },
    element("span", { class: "soft" }, shown(memberInWords(name)), " "), detail(valueInWords(name, value))));
  return element("tr", { role: "row" }, place, cell("day", foreign(body.day)), cell("actor", who),
    cell("what", shown(inWords(body.act))), cell("about", ...about));
}

/**
 * What can be chosen: all, or one of those that occur, with how often.
 * @param {Message} all
 * @param {string[]} found
 * @param {(one: string) => Message | string} name
 */
export function choices(all, found, name) {
  const counted = new Map();
  found.forEach((one) => counted.set(one, (counted.get(one) ?? 0) + 1));
  const named = [...counted].map(([one, count]) => ({ one, said: new Message("%(name)s (%(count)s)",
    { name: shown(name(one)), count }) }));
  named.sort((a, b) => wording(a.said).localeCompare(wording(b.said), document.documentElement.lang));
  return [element("option", { value: "" }, all), ...named.map(({ one, said }) => (
    element("option", { value: `=${one}`, dir: "auto" }, said)))];
}

/** @param {string} choice @param {string | undefined} one */
export function isChosen(choice, one) {
  return choice === "" || choice === `=${one}`;
}

/** @param {string} actor */
export function whoInWords(actor) {
  return actor === "" ? NOBODY : actor;
}

/** Which entries do not hold. @param {number[]} positions the newest first */
export function badInWords(positions) {
  const places = [...positions].reverse().slice(0, NAMED).join(", ");
  return positions.length <= NAMED
    ? _("Entries that are changed, in the place of another, or missing: %(places)s.", { places })
    : _("Entries that are changed, in the place of another, or missing: %(places)s, and %(more)s more.",
      { places, more: positions.length - NAMED });
}

/** What is known here in its words, what is not as it is called. @param {Message | string} name */
function shown(name) {
  return name instanceof Message ? name : foreign(name);
}

/** @param {string} name @param {...Node} children */
function cell(name, ...children) {
  return element("td", { role: "cell", class: name }, ...children);
}

/** @param {any} value */
function detail(value) {
  if (value instanceof Message) {
    return element("span", {}, value);
  }
  if (typeof value === "string" && ID.test(value)) {
    const code = (text) => element("code", { dir: "ltr", translate: "no" }, text);
    return element("details", { class: "id" }, element("summary", { title: value }, code(`${value.slice(0, SHORT)}…`)),
      code(value));
  }
  return value === "" ? element("span", { class: "nil" }, "—") : foreign(String(
    typeof value === "object" ? JSON.stringify(value) : value));
}
