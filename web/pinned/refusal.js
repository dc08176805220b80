/**
 * What is refused, and why: one sentence that says what to do, and repeats nothing of what was read.
 */

import { _, together, wording } from "./speaking.js";

/** @typedef {import("./speaking.js").Message} Message */

export class Refusal extends Error {
  /** @param {Message | null} said null where there is nothing to say: somebody left */
  constructor(said) {
    super(said === null ? "" : wording(said));
    this.said = said;
  }
}

/** What is wrong with something that an honest vault does not send. @param {Message} what */
export function stop(what) {
  return together(what, _("Do not go on, and tell the custodians."));
}

/** A key that does not fit: a mistyped passphrase or code looks like this. */
export class WrongKey extends Refusal {}

export const NOT_OURS = _("This is not a document that the vault can read: choose another file, or paste the whole text.");

/**
 * What `action` gives; whatever else than a refusal it throws becomes the refusal with this sentence.
 * @template T
 * @param {Message | null} sentence
 * @param {() => T | Promise<T>} action
 * @returns {Promise<T>}
 */
export async function orRefuse(sentence, action) {
  try {
    return await action();
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal(sentence);
  }
}

/**
 * Throws the refusal unless the condition holds.
 * @param {unknown} condition
 * @param {Message | null} sentence
 */
export function need(condition, sentence) {
  if (!condition) {
    throw new Refusal(sentence);
  }
}

/**
 * What `action` gives; whatever it throws becomes the refusal with this sentence.
 * @template T
 * @param {Message | null} sentence
 * @param {() => Promise<T>} action
 * @returns {Promise<T>}
 */
export async function instead(sentence, action) {
  try {
    return await action();
  } catch {
    throw new Refusal(sentence);
  }
}

/**
 * What `action` gives; a key that does not fit becomes the refusal with this sentence.
 * @template T
 * @param {Message | null} sentence
 * @param {() => Promise<T>} action
 * @returns {Promise<T>}
 */
export async function orMistyped(sentence, action) {
  try {
    return await action();
  } catch (error) {
    throw error instanceof WrongKey ? new Refusal(sentence) : error;
  }
}
