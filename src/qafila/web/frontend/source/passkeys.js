// Signing in with a passkey, and making one. The buttons are hidden where a browser has none of it.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function post(address, said) {
  const answer = await fetch(address, {
    method: "POST", headers: { "content-type": "application/json" }, body: said === undefined ? undefined : JSON.stringify(said),
  });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(told.said || "");
  return told;
}

function plain(credential) {
  const { response } = credential;
  const said = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"])
    if (response[name]) said[name] = text(response[name]);
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response: said };
}

async function make(form) {
  const asked = await post(form.dataset.ask);
  asked.challenge = bytes(asked.challenge);
  asked.user.id = bytes(asked.user.id);
  for (const one of asked.excludeCredentials || []) one.id = bytes(one.id);
  const made = await navigator.credentials.create({ publicKey: asked });
  return { answer: plain(made), name: form.elements.name.value };
}

async function signIn(form) {
  const asked = await post(form.dataset.ask);
  asked.challenge = bytes(asked.challenge);
  delete asked.allowCredentials;
  const found = await navigator.credentials.get({ publicKey: asked });
  return { answer: plain(found), next: form.elements.next.value };
}

export function passkeys() {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!window.PublicKeyCredential) continue;
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const says = form.querySelector("[role=alert]");
      says.hidden = true;
      try {
        const said = await (form.dataset.passkey === "make" ? make(form) : signIn(form));
        const { to } = await post(form.getAttribute("action"), said);
        if (to.includes("#")) { location.hash = to.split("#")[1]; location.reload(); } else location.assign(to);
      } catch (failure) {
        if (failure.name === "NotAllowedError") return; // the person thought otherwise
        says.textContent = failure.message || says.dataset.failed;
        says.hidden = false;
      }
    });
  }
}
