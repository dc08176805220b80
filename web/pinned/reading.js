/**
 * Strict reading of JSON (docs/FORMATS.md §1). `JSON.parse` alone lets the last of two equal keys win, so that two
 * readers could see two documents in one text.
 */

import { canonical } from "../static/sealing/encoding.js";
import { need, NOT_OURS, Refusal } from "./refusal.js";

const DEEPEST = 32;
const BLANK = /[ \t\n\r]*/y;
const TOKEN = new RegExp([
  "[{}[\\],:]",
  "\"[^\"\\\\\\u0000-\\u001f]*(?:\\\\(?:[\"\\\\/bfnrt]|u[0-9a-fA-F]{4})[^\"\\\\\\u0000-\\u001f]*)*\"",
  "-?(?:0|[1-9][0-9]*)(?![0-9.eE])",
  "true|false|null",
].join("|"), "y");

/**
 * The value of a text that has a canonical spelling: no duplicate keys, no floats, at most 32 deep.
 * @param {string} text
 * @returns {any}
 */
export function parse(text) {
  const tokens = { text, at: 0 };
  const value = readValue(tokens, take(tokens), 0);
  need(take(tokens) === "", NOT_OURS);
  try {
    canonical(value); // unsafe integers, halves of character pairs, keys that are not ASCII
  } catch {
    throw new Refusal(NOT_OURS);
  }
  return value;
}

/**
 * `parse` for what must be an object, in UTF-8.
 * @param {Uint8Array} bytes
 * @returns {Record<string, any>}
 */
export function parseObject(bytes) {
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refusal(NOT_OURS);
  }
  const value = parse(text);
  need(isObject(value), NOT_OURS);
  return value;
}

/** @param {unknown} value */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Whether the value is an object with exactly these members.
 * @param {unknown} value
 * @param {string[]} members
 */
export function hasExactly(value, members) {
  return isObject(value) && Object.keys(value).sort().join() === [...members].sort().join();
}

/** @param {{text: string, at: number}} tokens the next token, or "" at the end */
function take(tokens) {
  BLANK.lastIndex = tokens.at;
  BLANK.exec(tokens.text);
  TOKEN.lastIndex = BLANK.lastIndex;
  const found = TOKEN.exec(tokens.text);
  need(found !== null || BLANK.lastIndex === tokens.text.length, NOT_OURS);
  tokens.at = found === null ? tokens.text.length : TOKEN.lastIndex;
  return found === null ? "" : found[0];
}

/**
 * @param {{text: string, at: number}} tokens
 * @param {string} token the first of the value
 * @param {number} depth
 */
function readValue(tokens, token, depth) {
  if (token === "{" || token === "[") {
    need(depth < DEEPEST, NOT_OURS);
    return token === "{" ? readMembers(tokens, depth + 1) : readItems(tokens, depth + 1);
  }
  need(token !== "" && !"]},:".includes(token), NOT_OURS);
  return JSON.parse(token);
}

/** @param {{text: string, at: number}} tokens @param {number} depth */
function readItems(tokens, depth) {
  const items = [];
  let token = take(tokens);
  while (token !== "]") {
    items.push(readValue(tokens, token, depth));
    token = afterOne(tokens, "]");
  }
  return items;
}

/** @param {{text: string, at: number}} tokens @param {number} depth */
function readMembers(tokens, depth) {
  const members = {};
  let token = take(tokens);
  while (token !== "}") {
    need(token.startsWith("\""), NOT_OURS);
    const key = JSON.parse(token);
    need(take(tokens) === ":" && !Object.hasOwn(members, key), NOT_OURS);
    const value = readValue(tokens, take(tokens), depth);
    // Not by assignment: a key called __proto__ is a key like any other.
    Object.defineProperty(members, key, { value, enumerable: true });
    token = afterOne(tokens, "}");
  }
  return members;
}

/** @param {{text: string, at: number}} tokens @param {string} end the first token of the next one, or the end */
function afterOne(tokens, end) {
  const token = take(tokens);
  if (token === end) {
    return token;
  }
  const next = take(tokens);
  need(token === "," && next !== end, NOT_OURS);
  return next;
}
