/**
 * A custodian chooses the file of a signed decision. It is looked at here and only its text goes into the form, so that
 * a key file which was chosen by mistake never leaves the device.
 */

const LARGEST = 64 * 1024;
const PRIVATE = ['"wrapped"', "/key-file", "/opening-file"];
const SAID = {
  none: "This is not a signed decision: choose the file that your own client wrote.",
  private: "This file holds a key. It was not sent. Keep it off this page, and choose the signed decision.",
};

/**
 * Which sentence to say of a file's text; none for a signed decision.
 * @param {string} text
 * @returns {string}
 */
export function judged(text) {
  try {
    if (JSON.parse(text).document.format === "witness-vault/v1/approval") return "";
  } catch {
    // told below
  }
  return PRIVATE.some((mark) => text.includes(mark)) ? SAID.private : SAID.none;
}

/**
 * @param {HTMLInputElement} input
 * @param {HTMLTextAreaElement} field
 * @param {HTMLElement} said
 */
async function take(input, field, said) {
  const [file] = input.files ?? [];
  const text = file && file.size <= LARGEST ? await file.text() : "";
  said.textContent = file ? judged(text) : "";
  input.value = "";
  if (file && !said.textContent) field.value = text;
}

const [input, field, said] = ["file", "text", "file-said"].map((id) => globalThis.document?.getElementById(id));
if (input instanceof HTMLInputElement && field instanceof HTMLTextAreaElement && said) {
  input.addEventListener("change", () => void take(input, field, said));
  if (input.files?.length) void take(input, field, said); // chosen before anybody listened
}
