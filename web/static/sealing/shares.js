/**
 * Shamir's secret sharing over GF(2^8), byte by byte (docs/FORMATS.md §2.7). Splitting only: shares never meet here.
 *
 * Branch-free and table-free: which branch is taken or which table line is read must not depend on a secret byte.
 * All coefficients are uniform, zero included: excluding zero would tell k - 1 holders something about the secret.
 */

import { concat } from "./encoding.js";

const SECRET_SIZE = 32;
const MOST_SHARES = 9;

/**
 * `total` shares (index byte, then value), any `threshold` of which give the secret back; fewer say nothing.
 * @param {Uint8Array} secret 32 bytes
 * @param {number} threshold
 * @param {number} total
 * @returns {Uint8Array[]} each of 33 bytes, in the order of their indices 1 … total
 */
export function split(secret, threshold, total) {
  const whole = Number.isInteger(threshold) && Number.isInteger(total);
  if (secret.length !== SECRET_SIZE || !whole || threshold < 2 || threshold > total || total > MOST_SHARES) {
    throw new RangeError("A secret is split among two to nine custodians, with a quorum of at least two.");
  }
  const coefficients = [secret];
  for (let degree = 1; degree < threshold; degree += 1) {
    coefficients.push(crypto.getRandomValues(new Uint8Array(SECRET_SIZE)));
  }
  return Array.from({ length: total }, (_, i) => concat([i + 1], evaluate(coefficients, i + 1)));
}

/**
 * The polynomial's value at x for each byte, by Horner's rule.
 * @param {Uint8Array[]} coefficients lowest degree first
 * @param {number} x public
 */
function evaluate(coefficients, x) {
  const value = new Uint8Array(SECRET_SIZE);
  for (const coefficient of [...coefficients].reverse()) {
    for (let at = 0; at < SECRET_SIZE; at += 1) {
      value[at] = multiply(value[at], x) ^ coefficient[at];
    }
  }
  return value;
}

/**
 * The product in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1. `-(bit)` is a mask of all ones or all zeros.
 * @param {number} a
 * @param {number} b
 */
export function multiply(a, b) {
  let product = 0;
  for (let bit = 0; bit < 8; bit += 1) {
    product ^= a & -((b >> bit) & 1);
    a = (a << 1) ^ (0x11b & -(a >> 7));
  }
  return product;
}
