/**
 * Wrapped under a passphrase: Argon2id, RFC 9106 (docs/FORMATS.md §2.5). In the pinned page only, never served.
 */

import { argon2idAsync } from "../static/vendor/argon2.min.js";
import { b64, concat, unb64 } from "../static/sealing/encoding.js";
import { lock } from "../static/sealing/locked.js";
import { isObject } from "./reading.js";
import { need, orRefuse } from "./refusal.js";
import { _ } from "./speaking.js";
import { unlock } from "./unlocking.js";

const MOST_MEMORY = 1024 * 1024; // KiB
const KEY_FILE = { memory: 64 * 1024, iterations: 3, lanes: 1 };
const NOT_WRAPPED = _("This file does not hold a wrapped key of this vault: use your copy of it.");

/**
 * `secret` locked under Argon2id(factor, passphrase), bound to its context.
 * @param {Uint8Array} secret
 * @param {string} passphrase
 * @param {Uint8Array} factor
 * @param {string} kind
 * @param {object} about
 */
export async function wrap(secret, passphrase, factor, kind, about) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const key = await derive(passphrase, factor, salt, KEY_FILE);
  const { memory, iterations, lanes } = KEY_FILE;
  const kdf = { name: "argon2id", memory_kib: memory, iterations, lanes, salt: b64(salt) };
  return { format: "witness-vault/v1/wrapped", kdf, locked: b64(await lock(key, kind, about, secret)) };
}

/**
 * What `wrap` was given. Refuses, with the same sentence, a wrong passphrase, factor and context.
 * @param {any} wrapped
 * @param {string} passphrase
 * @param {Uint8Array} factor
 * @param {string} kind
 * @param {object} about
 */
export async function unwrap(wrapped, passphrase, factor, kind, about) {
  const { cost, salt, locked } = await orRefuse(NOT_WRAPPED, () => read(wrapped));
  return unlock(await derive(passphrase, factor, salt, cost), kind, about, locked);
}

/** @param {any} wrapped */
function read(wrapped) {
  const { format, kdf, locked } = wrapped;
  need(format === "witness-vault/v1/wrapped" && isObject(kdf) && kdf.name === "argon2id", NOT_WRAPPED);
  const { memory_kib: memory, iterations, lanes } = kdf;
  // Before anything is derived: a file could otherwise ask for more memory than there is.
  need([memory, iterations, lanes].every(Number.isSafeInteger), NOT_WRAPPED);
  need(lanes >= 1 && lanes <= 16 && iterations >= 1 && iterations <= 16, NOT_WRAPPED);
  need(memory >= 8 * lanes && memory <= MOST_MEMORY, NOT_WRAPPED);
  return { cost: { memory, iterations, lanes }, salt: unb64(kdf.salt, 16), locked: unb64(locked) };
}

/**
 * @param {string} passphrase
 * @param {Uint8Array} factor
 * @param {Uint8Array} salt
 * @param {{memory: number, iterations: number, lanes: number}} cost
 */
function derive(passphrase, factor, salt, { memory, iterations, lanes }) {
  const password = concat(factor, new TextEncoder().encode(passphrase.normalize("NFKC")));
  const options = { m: memory, t: iterations, p: lanes, dkLen: 32, maxmem: MOST_MEMORY * 1024, asyncTick: 50 };
  return argon2idAsync(password, salt, options);
}
