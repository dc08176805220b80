/**
 * Shamir's secret sharing, the other direction (docs/FORMATS.md §2.7). In the pinned page only: nowhere else in a
 * browser do shares meet.
 *
 * Branch-free and table-free in whatever is secret; the indices are public.
 */

import { multiply } from "../static/sealing/shares.js";
import { need } from "./refusal.js";
import { _ } from "./speaking.js";

const SHARE_SIZE = 33;

/**
 * The value at 0 of the polynomial through these shares. Refuses wrong lengths or indices.
 * @param {Uint8Array[]} shares each an index byte and 32 bytes
 * @returns {Uint8Array} 32 bytes
 */
export function combine(shares) {
  const indices = shares.map((share) => share[0]);
  const whole = shares.every((share) => share.length === SHARE_SIZE) && !indices.includes(0);
  const distinct = new Set(indices).size === indices.length;
  need(whole && distinct && shares.length >= 2, _("These shares do not fit together: ask for new decisions."));
  const secret = new Uint8Array(SHARE_SIZE - 1);
  for (const share of shares) {
    const weight = indices.filter((other) => other !== share[0])
      .reduce((product, other) => multiply(product, multiply(other, inverse(other ^ share[0]))), 1);
    for (let at = 0; at < secret.length; at += 1) {
      secret[at] ^= multiply(share[at + 1], weight);
    }
  }
  return secret;
}

/** a^254, the inverse in GF(2^8) by Fermat. @param {number} a */
function inverse(a) {
  let square = a;
  let product = 1;
  for (let power = 0; power < 7; power += 1) {
    square = multiply(square, square);
    product = multiply(product, square);
  }
  return product;
}
