/**
 * The quorum as a picture: n keys, of which k are needed. Drawn left to right in every language.
 */

import { _, tell } from "./speaking.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {number} needed
 * @param {number} total
 */
export function quorum(needed, total) {
  const picture = svg("svg", { class: "quorum", role: "img", direction: "ltr", width: String(total * 40), height: "64",
    viewBox: `0 0 ${total * 40} 64` });
  const title = tell(svg("title", {}), _("%(total)s custodians, of whom %(needed)s must approve", { needed, total }));
  picture.append(title, ...Array.from({ length: total }, (_, at) => {
    const key = svg("g", { class: at < needed ? "filled" : "hollow" });
    const middle = at * 40 + 20;
    key.append(svg("circle", { cx: String(middle), cy: "17", r: "11" }));
    key.append(svg("path", { d: `M${middle} 28v30m0-4h9m-9-10h7` }));
    return key;
  }));
  return picture;
}

/** @param {string} name @param {Record<string, string>} attributes */
function svg(name, attributes) {
  const made = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  return made;
}
