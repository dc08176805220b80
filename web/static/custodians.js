/**
 * Brings the custodians' public keys into the page that seals to them. They lie at an address that names their content,
 * and so in what the browser keeps; until they are here, the page seals nothing, and says so. It asks again with each
 * field that somebody fills in, and takes no other page in their place, such as the one that asks to sign in.
 */

const block = document.getElementById("custodians");

async function bring() {
  if (block.textContent !== "") {
    return;
  }
  const answer = await fetch(block.dataset.address, { redirect: "error" }).catch(() => null);
  if (answer?.ok) {
    block.textContent = await answer.text();
  }
}

window.addEventListener("online", bring);
document.addEventListener("change", bring);
bring();
