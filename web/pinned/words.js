/**
 * What people read aloud, write down and type (docs/FORMATS.md §2.8). The list is vault/sealing/words.txt.
 */

import { hash } from "../static/sealing/encoding.js";
import { WORDS } from "../../vault/sealing/words.txt";

export const OPENING_CODE_WORDS = 10;
export const PASSPHRASE_WORDS = 6;
const FINGERPRINT_WORDS = 6;

/**
 * Six words that stand for a digest, to be compared by voice.
 * @param {Uint8Array} digest
 */
export function fingerprint(digest) {
  const count = BigInt(WORDS.length);
  let number = digest.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return Array.from({ length: FINGERPRINT_WORDS }, () => {
    const word = WORDS[Number(number % count)];
    number /= count;
    return word;
  }).join(" ");
}

/**
 * Random words, 12.9 bits each.
 * @param {number} count
 */
export function randomWords(count) {
  return Array.from({ length: count }, () => WORDS[below(WORDS.length)]).join(" ");
}

/**
 * The key that an opening code stands for: with its 128 random bits, one hash suffices.
 * @param {string} typed
 */
export function openingKey(typed) {
  const words = typed.toLowerCase().replaceAll("-", " ").split(/\s+/u).filter((word) => word !== "");
  return hash("opening-code", new TextEncoder().encode(words.join(" ")));
}

/**
 * A uniform random number: draws that would favour the smaller ones are thrown away.
 * @param {number} bound what it stays below
 */
function below(bound) {
  const fair = 2 ** 32 - (2 ** 32 % bound);
  let drawn;
  do {
    [drawn] = crypto.getRandomValues(new Uint32Array(1));
  } while (drawn >= fair);
  return drawn % bound;
}
