/**
 * A custodian chooses the file of a signed decision. It is looked at here and only its text goes into the form, so that
 * a key file which was chosen by mistake never leaves the device.
 */

const LARGEST = 64 * 1024;
const PRIVATE = ['"wrapped"', "/key-file", "/opening-file"];

/**
 * By which name the page holds the sentence about a file's text; none for a signed decision.
 * @param {string} text
 * @returns {"" | "noneSaid" | "privateSaid"}
 */
function judged(text) {
  try {
    if (JSON.parse(text).document.format === "witness-vault/v1/approval") return "";
  } catch {
    // told below
  }
  return PRIVATE.some((mark) => text.includes(mark)) ? "privateSaid" : "noneSaid";
}

/**
 * @param {HTMLInputElement} input
 * @param {HTMLTextAreaElement} field
 * @param {HTMLElement} said
 */
async function take(input, field, said) {
  const [file] = input.files ?? [];
  const text = file && file.size <= LARGEST ? await file.text() : "";
  const wrong = file ? judged(text) : "";
  said.textContent = said.dataset[wrong] ?? "";
  input.value = "";
  if (file && !wrong) field.value = text;
}

const [input, field, said] = ["file", "text", "file-said"].map((id) => globalThis.document?.getElementById(id));
if (input instanceof HTMLInputElement && field instanceof HTMLTextAreaElement && said) {
  input.addEventListener("change", () => void take(input, field, said));
  if (input.files?.length) void take(input, field, said); // chosen before anybody listened
}
