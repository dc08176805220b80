/**
 * Canonical encoding, labels, hashes, contexts, key derivation and padding (docs/FORMATS.md §1, §2.3, §2.4).
 *
 * Held byte for byte to the Python implementation by tests/vectors/.
 */

const utf8 = new TextEncoder();

/**
 * Base64url without padding.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function b64(bytes) {
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * The bytes that `b64` wrote. Throws for another alphabet, padding and non-canonical trailing bits.
 * @param {string} text
 * @param {number} [size] how many bytes there must be
 * @returns {Uint8Array}
 */
export function unb64(text, size) {
  if (typeof text !== "string" || !/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) {
    throw new TypeError("This is not base64url.");
  }
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  if (b64(bytes) !== text || (size !== undefined && bytes.length !== size)) {
    throw new TypeError("This value does not have its proper length.");
  }
  return bytes;
}

/**
 * The one UTF-8 JSON spelling of a value. Throws for floats, unsafe integers, unpaired surrogates, keys that are
 * not ASCII, and anything that is not plain data.
 * @param {unknown} value
 * @returns {Uint8Array}
 */
export function canonical(value) {
  return utf8.encode(spell(value));
}

/**
 * The domain separator of a kind of thing.
 * @param {string} kind
 * @returns {Uint8Array}
 */
export function label(kind) {
  return utf8.encode(`witness-vault/v1/${kind}`);
}

/**
 * SHA-256 under the label of its kind, so that no hash is valid in two places.
 * @param {string} kind
 * @param {Uint8Array} data
 * @returns {Promise<Uint8Array>} 32 bytes
 */
export async function hash(kind, data) {
  const digest = await crypto.subtle.digest("SHA-256", concat(label(kind), [0], data));
  return new Uint8Array(digest);
}

/**
 * The digest by which a document is named; signatures are no part of it.
 * @param {object} document
 * @returns {Promise<Uint8Array>}
 */
export function documentDigest(document) {
  return hash("document", canonical(document));
}

/**
 * What a ciphertext is bound to: its kind and where it belongs.
 * @param {string} kind
 * @param {object} about
 * @returns {Uint8Array}
 */
export function context(kind, about) {
  return concat(label(kind), [0], canonical(about));
}

/**
 * HKDF-SHA256 (RFC 5869).
 * @param {Uint8Array} key
 * @param {Uint8Array} salt
 * @param {Uint8Array} info
 * @param {number} size in bytes
 * @returns {Promise<Uint8Array>}
 */
export async function hkdf(key, salt, info, size) {
  const imported = await crypto.subtle.importKey("raw", key, "HKDF", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, imported, size * 8);
  return new Uint8Array(bits);
}

/**
 * The data with its length, filled with zeros to exactly `size` bytes. Throws a RangeError when it does not fit.
 * @param {Uint8Array} data
 * @param {number} size
 * @returns {Uint8Array}
 */
export function pad(data, size) {
  if (data.length + 4 > size) {
    throw new RangeError("This is too long to be sealed in one piece.");
  }
  const padded = new Uint8Array(size);
  new DataView(padded.buffer).setUint32(0, data.length);
  padded.set(data, 4);
  return padded;
}

/**
 * The smallest of 16 KiB · 2^i into which so many bytes can be padded.
 * @param {number} length
 */
export function sizeClass(length) {
  let size = 16 * 1024;
  while (size < length + 4) {
    size *= 2;
  }
  return size;
}

/**
 * @param {...(Uint8Array | number[])} parts
 * @returns {Uint8Array}
 */
export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @param {unknown} value */
function spell(value) {
  if (value === null || typeof value === "boolean" || Number.isSafeInteger(value)) {
    return String(value);
  }
  if (typeof value === "string" && !/\p{Surrogate}/u.test(value)) {
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    return `[${Array.from(value, spell).join(",")}]`;
  }
  if (typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
    return `{${Object.keys(value).sort().map((key) => spellMember(key, value[key])).join(",")}}`;
  }
  throw new TypeError("This cannot be written as canonical JSON.");
}

/**
 * @param {string} key ASCII, so that the order of UTF-16 units, of code points and of bytes is one and the same
 * @param {unknown} value
 */
function spellMember(key, value) {
  if (/[^\0-\x7f]/.test(key)) {
    throw new TypeError("This cannot be written as canonical JSON.");
  }
  return `${JSON.stringify(key)}:${spell(value)}`;
}
