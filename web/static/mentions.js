/**
 * Does a text give away whose it is? A warning before sealing, not a proof: it finds names, telephone numbers and
 * addresses as they were typed, in any script, with or without vowel signs, and in either kind of digits.
 */

/** @typedef {import("./sealing/identity.js").Identity} Identity */

const NAME_LETTERS = 3;
const ADDRESS_LETTERS = 5;
const TELEPHONE_DIGITS = 6;
// Arabic writes "and", "by", "for" and the article onto the word that follows.
const JOINED = /^[وفبكل]{0,2}(ال|ل)?$/;

/**
 * Whether the text holds a word of the witness's names (three letters or more) or address (five or more), or the
 * last six digits of a telephone number: the same number is written with and without its prefixes.
 * @param {Identity} identity
 * @param {string} text
 * @returns {boolean}
 */
export function mentions(identity, text) {
  const names = words(`${identity.name} ${identity.other_names}`, NAME_LETTERS);
  const sought = [...names, ...words(identity.address, ADDRESS_LETTERS)];
  const found = words(text, NAME_LETTERS);
  const digits = numbers(text).join(" ");
  return sought.some((word) => found.some((other) => isForm(other, word)))
    || numbers(identity.contact).some((number) => digits.includes(number.slice(-TELEPHONE_DIGITS)));
}

/**
 * Letters as they compare: no accents, vowel signs, stretching or invisible marks, one case, one spelling of alef
 * maqsura and of ta marbuta.
 * @param {string} text
 */
function fold(text) {
  const bare = text.normalize("NFKD").replace(/[\p{M}\p{Cf}\u0640]/gu, "").toLowerCase();
  return bare.replaceAll("ى", "ي").replaceAll("ة", "ه");
}

/**
 * @param {string} text
 * @param {number} shortest
 */
function words(text, shortest) {
  return fold(text).split(/[^\p{L}\p{N}]+/u).filter((word) => [...word].length >= shortest && /\p{L}/u.test(word));
}

/**
 * Runs of at least six digits, as ASCII, whatever they are written with and separated by.
 * @param {string} text
 */
function numbers(text) {
  const ascii = fold(text).replace(/\p{Nd}/gu, digitValue);
  const runs = ascii.match(/\d(?:[\s().+\/-]*\d)*/g) ?? [];
  return runs.map((run) => run.replace(/\D/g, "")).filter((run) => run.length >= TELEPHONE_DIGITS);
}

/**
 * Unicode's decimal digits stand in runs from 0 to 9: as many as stand right before one, so much is it worth.
 * @param {string} digit
 */
function digitValue(digit) {
  const point = digit.codePointAt(0);
  let before = 0;
  while (before < 9 && /\p{Nd}/u.test(String.fromCodePoint(point - before - 1))) {
    before += 1;
  }
  return String(before);
}

/**
 * @param {string} found
 * @param {string} word
 */
function isForm(found, word) {
  return found.endsWith(word) && JOINED.test(found.slice(0, found.length - word.length));
}
