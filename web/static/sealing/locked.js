/**
 * Locking under a symmetric key, with key commitment and context binding (docs/FORMATS.md §2.3).
 */

import { concat, context, hkdf, label } from "./encoding.js";

const MARKER = [0x57, 0x56, 0x01, 0x02]; // "WV", version 1, locked
const NONCE = new Uint8Array(12); // safe: the random salt gives every message an AES key of its own

/**
 * The plaintext under `key`, bound to its context; 84 bytes longer.
 * @param {Uint8Array} key 32 random bytes
 * @param {string} kind
 * @param {object} about
 * @param {Uint8Array} plaintext
 * @returns {Promise<Uint8Array>}
 */
export async function lock(key, kind, about, plaintext) {
  const salt = crypto.getRandomValues(new Uint8Array(32));
  const expanded = await hkdf(key, salt, label("locked"), 64);
  const cipherKey = await crypto.subtle.importKey("raw", expanded.subarray(0, 32), "AES-GCM", false, ["encrypt"]);
  const commitment = expanded.subarray(32);
  const options = { name: "AES-GCM", iv: NONCE, additionalData: context(kind, about) };
  const ciphertext = await crypto.subtle.encrypt(options, cipherKey, plaintext);
  return concat(MARKER, salt, commitment, new Uint8Array(ciphertext));
}
