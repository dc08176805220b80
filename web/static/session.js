/**
 * The session under a long form: kept alive while somebody types, and taken up again after a sign-in in another window.
 */

const RENEW_EVERY = 60_000;
const PATIENCE = 30_000;

/**
 * Posts fields to our own server. Rejects when there is no answer.
 * @param {HTMLFormElement} form whose token is sent
 * @param {string} address
 * @param {FormData} fields
 * @returns {Promise<Response>}
 */
export async function post(form, address, fields) {
  const send = () => {
    fields.set("csrf", token(form).value);
    const body = new URLSearchParams(fields);
    return fetch(address, { method: "POST", body, redirect: "error", signal: AbortSignal.timeout(PATIENCE) });
  };
  const answer = await send();
  return answer.status === 403 && await takeUp(form) ? send() : answer;
}

/**
 * Asks our own server for something that is no form. Rejects when there is no answer.
 * @param {HTMLFormElement} form whose token is sent
 * @param {string} address
 * @param {RequestInit} request
 * @param {number} patience in milliseconds
 * @returns {Promise<Response>}
 */
export async function ask(form, address, request = {}, patience = PATIENCE) {
  const send = () => {
    const headers = { ...request.headers, "X-CSRF": token(form).value };
    return fetch(address, { redirect: "error", signal: AbortSignal.timeout(patience), ...request, headers });
  };
  const answer = await send();
  return answer.status === 403 && await takeUp(form) ? send() : answer;
}

/**
 * Renews the session while somebody types, at most once a minute, and shows the notice while the session has ended.
 * @param {HTMLFormElement} form
 * @param {HTMLElement} ended the notice
 */
export function keepAlive(form, ended) {
  let asked = Date.now();
  const renew = async () => {
    asked = Date.now();
    const answer = await post(form, form.dataset.renew, new FormData()).catch(() => null);
    if (answer !== null) {
      ended.hidden = answer.status !== 401;
    }
  };
  form.addEventListener("input", () => Date.now() - asked >= RENEW_EVERY && renew());
  window.addEventListener("focus", () => ended.hidden || renew()); // back from signing in elsewhere
}

/**
 * The same, and lets the form go only when the session lasts and the server answers: nothing that was typed is lost.
 * @param {HTMLFormElement} form
 * @param {HTMLElement} ended the notice that the session has ended
 * @param {HTMLElement} silent the notice that there is no answer
 */
export function sendSurely(form, ended, silent) {
  let sure = false; // the submission under way may pass
  form.addEventListener("submit", async (event) => {
    if (sure || event.defaultPrevented) {
      return;
    }
    event.preventDefault();
    const answer = await post(form, form.dataset.renew, new FormData()).catch(() => null);
    const fault = answer?.ok ? null : answer?.status === 401 ? ended : silent;
    [ended, silent].forEach((notice) => { notice.hidden = notice !== fault; });
    if (fault !== null) {
      fault.focus();
      return;
    }
    sure = true;
    form.requestSubmit(event.submitter);
    sure = false;
  });
  keepAlive(form, ended);
}

/**
 * A session has a token of its own for forms: a new session's is on the page as it is served now.
 * @param {HTMLFormElement} form
 * @returns {Promise<boolean>} whether there is a new one
 */
async function takeUp(form) {
  const page = await fetch(form.action, { signal: AbortSignal.timeout(PATIENCE) });
  if (page.redirected || !page.ok) {
    return false;
  }
  const fresh = token(new DOMParser().parseFromString(await page.text(), "text/html")).value;
  const changed = fresh !== token(form).value;
  document.querySelectorAll("input[name=csrf]").forEach((input) => { input.value = fresh; });
  return changed;
}

/** @param {HTMLElement | Document} within */
function token(within) {
  return within.querySelector("input[name=csrf]");
}
