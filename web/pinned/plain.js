/**
 * Which text of somebody else's reads as it is (as vault/sealing/signs.py has it; docs/FORMATS.md §9).
 */

const JOINERS = /[\u200c\u200d]/gu;
// Control and format characters, unpaired surrogates, line and paragraph separators, every space but U+0020.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;
// Letters and marks that Unicode draws as nothing, and the blank Braille pattern.
const BLANK = /[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0]|[\u{e0100}-\u{e01ef}]/u;

/**
 * The text with what cannot be seen spelled out, as the command line does it; lines stay lines.
 * @param {string} text
 */
export function spelledOut(text) {
  return text.replaceAll(/(?![\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (sign) => (
    `\\u{${sign.codePointAt(0).toString(16)}}`));
}

/**
 * Whether the text is one line that hides nothing: nothing unseen, nothing blank but single spaces.
 * @param {string} text
 */
export function isPlain(text) {
  const shown = text.replaceAll(JOINERS, "");
  return !UNSEEN.test(shown) && !/ {2}/u.test(text) && !BLANK.test(text);
}

/**
 * How many characters the text has, the spaces and joiners at its ends left out.
 * @param {string} text
 */
export function lengthOf(text) {
  return Array.from(text.replaceAll(/^[ \u200c\u200d]+|[ \u200c\u200d]+$/gu, "")).length;
}
