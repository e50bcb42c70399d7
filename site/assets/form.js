// The form works without this script. With it, answers are sent without leaving the page, nothing is lost when the
// connection drops or the language changes, and the progress is shown. All texts that it shows come from the page.

const ANSWERS = "input:not([type=hidden]), textarea, [data-source]";

// Mail providers whose names are often mistyped, and real ones that are a letter away from these.
const PROVIDERS = [
  "gmail.com", "googlemail.com", "hotmail.com", "outlook.com", "yahoo.com", "icloud.com", "protonmail.com",
  "orange.fr", "wanadoo.fr", "laposte.net", "telenet.be", "ziggo.nl", "interia.pl", "yandex.ru", "rambler.ru",
];
const NEIGHBOURS = ["mail.com", "email.com", "ymail.com"];

// The block on a page of another site, where this script is embed.js; elsewhere undefined.
const block = document.currentScript?.closest(".prequal") ?? document.querySelector(".prequal");
const ours = block ?? document;

let form, button, status, trouble, unsure, label, errorPrefix, title, woken;
// Of this visit: the first touch of the form, the furthest field touched, and the stage that was reported.
let begun, furthest = 0, reported;

enhance();
// After going back, the page is as it was left (maybe still sending), or reloaded with what was typed, without events.
addEventListener("pageshow", () => {
  if (sending()) rest();
  count();
});
addEventListener("visibilitychange", () => document.hidden && report());
addEventListener("popstate", () => {
  const shown = ours.querySelector(".languages [aria-current]");
  if (shown && shown.pathname !== location.pathname) translate(location.href).catch(() => location.reload());
});

/** Attaches to the page, as loaded or after a change of language. */
function enhance() {
  form = ours.querySelector("form");
  button = form.querySelector("button[data-thanks]");
  status = form.querySelector("button ~ [role=status]");
  trouble = form.querySelector(".trouble");
  unsure = trouble.textContent;
  label = button.textContent;
  errorPrefix = `${fromTemplate("[data-error]").firstElementChild.textContent} `;
  title = document.title.replace(errorPrefix, "");
  keepSource();
  count();
  askAboutAddress();
  emailField().addEventListener("input", clearQuestion);
  // Not at once: the page would move under the click that left the field.
  emailField().addEventListener("change", () => setTimeout(askAboutAddress, 300));
  form.addEventListener("focusin", touch);
  form.addEventListener("input", ({ target }) => {
    mend(target.closest("[data-field]"));
    // Changed answers are another submission; the same answers sent again are the same one.
    if (hidden("submission_id").value) globalThis.turnstile?.reset(); // which needs a proof of its own
    hidden("submission_id").value = "";
    touch({ target });
    count();
  });
  form.addEventListener("submit", send);
  for (const link of ours.querySelectorAll(".languages a")) link.addEventListener("click", changeLanguage);
}

/** Notes how far the visitor came, and wakes the function up, which may have a cold start. */
function touch({ target }) {
  begun ??= performance.now();
  furthest = Math.max(furthest, fields().indexOf(target.closest("[data-field]")));
  woken ??= isReachable();
}

/** Reports how far this visit came: 0, the number of the next field to answer, one beyond all, or sent. */
function report(sent) {
  const all = fields();
  const given = new FormData(form);
  const isDone = (field) => field && (given.get(field.dataset.field)?.trim() || !isVisible(field));
  let stage = begun ? furthest + 1 : 0;
  while (stage && isDone(all[stage - 1])) stage++;
  if (sent) stage = all.length + 2;
  if (stage <= reported || form.matches("[data-uncounted]")) return;
  if (navigator.doNotTrack === "1" || navigator.globalPrivacyControl) return;
  const [form_version, source] = ["form_version", "source"].map((name) => given.get(name));
  const pace = sent && Math.round(2 * Math.log2(1 + (performance.now() - begun) / 1000));
  const visit = JSON.stringify({ form_version, source, stage, reported, pace });
  if (navigator.sendBeacon(new URL("/api/progress", submitAddress()), visit)) reported = stage;
}

function fields() {
  return [...form.querySelectorAll("[data-field]")];
}

/** Returns whether the function answers, whether or not this site may read it. */
function isReachable() {
  return fetch(new URL("/api/health", submitAddress()), { mode: "no-cors" }).then(
    () => true,
    () => false,
  );
}

/** Shows how many of the required questions that are asked have an answer, and keeps what was revealed. */
function count() {
  const given = new FormData(form);
  const isAnswered = (field) => given.get(field.dataset.field)?.trim();
  // Where a browser can't hide a question that isn't asked, it counts once it is answered.
  const isAsked = (field) => isVisible(field) && (isAnswered(field) || !isVisible(field.querySelector(".asked-if")));
  const required = fields().filter((field) => !field.querySelector(".optional"));
  const asked = required.filter(isAsked);
  const progress = ours.querySelector("progress");
  progress.max = asked.length;
  progress.value = asked.filter(isAnswered).length;
  progress.parentElement.querySelector("[data-answered]").textContent = progress.value;
  progress.parentElement.querySelector("[data-asked]").textContent = progress.max;
  progress.parentElement.hidden = false;
  keepReactions();
}

/** Keeps, beside each question, the first answer at which a text was revealed. */
function keepReactions() {
  for (const text of form.querySelectorAll(".reveals > *")) {
    const { name, value } = text.closest(".option").querySelector("input");
    if (!isVisible(text) || form.querySelector(`[name="${name}.before"]`)) continue;
    const before = form.appendChild(document.createElement("input"));
    Object.assign(before, { type: "hidden", name: `${name}.before`, value });
  }
}

function isVisible(element) {
  return Boolean(element?.getClientRects().length);
}

/** Asks whether an address with a mistyped domain is right. The visitor knows: it can be sent all the same. */
function askAboutAddress() {
  const meant = intendedAddress(emailField().value);
  clearQuestion();
  if (!meant) return;
  const question = form.querySelector("[data-question]");
  const take = question.appendChild(document.createElement("button"));
  take.type = "button";
  take.textContent = question.dataset.question.replace("{}", () => meant);
  take.addEventListener("click", () => {
    emailField().value = meant;
    emailField().dispatchEvent(new Event("input", { bubbles: true }));
    emailField().focus();
  });
}

function clearQuestion() {
  form.querySelector("[data-question]").replaceChildren();
}

/** Returns the address with the domain that was probably meant, or undefined if there is nothing to ask. */
function intendedAddress(address) {
  const [, local, typed] = address.trim().match(/^([^@]+@)([^@]+)$/) ?? [];
  const domain = typed?.toLowerCase();
  if (!domain || [...PROVIDERS, ...NEIGHBOURS].includes(domain)) return;
  const meant = PROVIDERS.find((provider) => isSlipOf(domain, provider));
  return meant && local + meant;
}

/** Returns whether a word is another one with a letter more, less, wrong, or swapped with the next. */
function isSlipOf(typed, meant) {
  let at = 0;
  while (at < meant.length && typed[at] === meant[at]) at++;
  const [rest, right] = [typed.slice(at), meant.slice(at)];
  return (
    rest.slice(1) === right ||
    rest === right.slice(1) ||
    rest.slice(1) === right.slice(1) ||
    (rest[0] === right[1] && rest[1] === right[0] && rest.slice(2) === right.slice(2))
  );
}

function emailField() {
  return form.querySelector("[name=email]");
}

/** Keeps the visitor's source, for the lead and for the same page in another language. */
function keepSource() {
  const query = new URLSearchParams(location.search);
  for (const field of form.querySelectorAll("[data-source]")) {
    field.value = query.get(field.name) ?? field.value;
  }
  const referrer = document.referrer;
  if (referrer && !referrer.startsWith(`${location.origin}/`)) hidden("referrer").value = referrer;
  for (const link of ours.querySelectorAll(".languages a")) link.search = location.search;
}

function changeLanguage(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (sending()) return;
  const { href, hreflang } = event.currentTarget;
  translate(href, () => history.pushState(null, "", href))
    .then(() => document.querySelector(`.languages [hreflang="${hreflang}"]`).focus())
    .catch(() => location.assign(href));
}

/** Replaces this page by the same one in another language, with everything that was typed. */
async function translate(address, arrive = () => {}) {
  const answer = await fetch(address);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  page.querySelector("form").append(...form.querySelectorAll("[name$='.before']"));
  for (const field of form.querySelectorAll(ANSWERS)) {
    const choice = field.matches("[type=radio], [type=checkbox]") ? `[value="${field.value}"]` : "";
    const twin = page.querySelector(`form [name="${field.name}"]${choice}`);
    // The form may have changed since this page was loaded.
    if (twin?.type !== field.type) continue;
    twin.value = field.value;
    twin.checked = field.checked;
  }
  arrive();
  changeStyle(page.querySelector("link[rel=stylesheet]"));
  document.body.replaceWith(page.body);
  document.documentElement.lang = page.documentElement.lang;
  document.title = page.title;
  globalThis.turnstile?.render(".cf-turnstile");
  enhance();
}

/** Takes the style of another page of the site, which holds the conditions of its form, unless it is the same. */
function changeStyle(newer) {
  const style = document.querySelector("link[rel=stylesheet]");
  if (style.href === newer.href) return;
  newer.addEventListener("load", () => {
    style.remove();
    count();
  });
  style.after(newer);
}

function send(event) {
  event.preventDefault();
  // Whatever goes wrong here, the browser sends the answers.
  if (!sending()) sendByScript().catch(sendByBrowser);
}

function sendByBrowser() {
  report(true);
  HTMLFormElement.prototype.submit.call(form);
}

async function sendByScript() {
  const again = !trouble.hidden;
  // Only a secure context has randomUUID; without an id the server recognises repeats by their answers.
  hidden("submission_id").value ||= crypto.randomUUID?.() ?? "";
  clearErrors();
  trouble.hidden = true;
  button.ariaDisabled = "true";
  button.textContent = status.textContent = button.dataset.sending;

  await proof();
  const answer = await post().catch(() => undefined);
  if (answer?.status === 202) {
    report(true);
    return open(button.dataset.thanks, form.getAttribute("target") ?? "_self");
  }
  const problem = answer?.status === 422 ? await answer.json().catch(() => undefined) : undefined;
  // The form has changed since this page was loaded: post it, and get the current page, filled in.
  if (problem?.form_version) return sendByBrowser();
  // The function may not allow the scripts of other sites, nor may that site let us ask.
  if (block && !answer && (again || (await isReachable()))) return sendByBrowser();
  rest();
  if (problem && showErrors(problem.errors)) return;
  button.textContent = button.dataset.again;
  trouble.textContent = answer?.status === 413 ? trouble.dataset.tooLarge : unsure;
  trouble.hidden = false;
  trouble.scrollIntoView({ block: "nearest" });
}

/** Waits for Turnstile, where the page asks it. Answers without its proof are taken too, for a person to look at. */
async function proof() {
  if (!globalThis.turnstile) return;
  const patience = Date.now() + 10_000;
  while (!new FormData(form).get("cf-turnstile-response") && Date.now() < patience) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function sending() {
  return button.ariaDisabled === "true";
}

function post() {
  const answers = {};
  for (const [name, value] of new FormData(form)) {
    const many = form.querySelector(`fieldset input[type=checkbox][name="${name}"]`);
    if (many) (answers[name] ??= []).push(value);
    else answers[name] = value;
  }
  return fetch(submitAddress(), {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(answers),
    signal: AbortSignal.timeout(30_000),
  });
}

/** Returns the address to post to: the function's, which may be on another host. */
function submitAddress() {
  // Not form.action, which would be the input of a question with the id "action".
  return new URL(form.getAttribute("action"), location);
}

/** Resets the button to its state before sending. */
function rest() {
  button.ariaDisabled = null;
  button.textContent = label;
  status.textContent = "";
}

/** Shows {field: [message, …]} like the server's own page. Returns false if none of the fields is on the page. */
function showErrors(errors = {}) {
  const summary = fromTemplate("[data-summary]");
  // Only for the server's page; here the button has the focus, and the browser would log that autofocus is blocked.
  summary.autofocus = false;
  const list = summary.querySelector("ul");
  const blank = list.firstElementChild;
  list.replaceChildren();
  for (const field of form.querySelectorAll("[data-field]")) {
    const id = field.dataset.field;
    if (!errors[id]) continue;
    const link = list.appendChild(blank.cloneNode(true)).firstElementChild;
    link.href = `#${htmlId(field)}`;
    link.textContent = document.getElementById(`${htmlId(field)}-label`).textContent;
    showError(field, errors[id].join(" "));
  }
  if (!list.hasChildNodes()) return false;
  (block ?? document.querySelector("main")).prepend(summary);
  document.title = errorPrefix + title;
  // Focusing alone doesn't scroll to the beginning of a summary that is longer than the screen.
  summary.focus({ preventScroll: true });
  summary.scrollIntoView();
  return true;
}

function showError(field, message) {
  const id = htmlId(field);
  const error = fromTemplate("[data-error]");
  error.id = `${id}-error`;
  error.lastElementChild.textContent = message;
  const help = document.getElementById(`${id}-help`);
  (help ?? field.querySelector("legend, label")).after(error);
  const control = controlOf(field);
  control.setAttribute("aria-describedby", help ? `${help.id} ${error.id}` : error.id);
  if (control !== field) control.setAttribute("aria-invalid", "true");
}

function clearErrors() {
  document.title = title;
  ours.querySelector(".summary")?.remove();
  for (const error of form.querySelectorAll(".error")) {
    unmark(error.closest("[data-field]"));
    error.remove();
  }
}

/** Takes the error from a field that is being mended. It keeps its place: what is under the finger must not move. */
function mend(field) {
  const error = field?.querySelector(".error");
  if (!error) return;
  error.classList.add("mended");
  unmark(field);
  ours.querySelector(`.summary [href="#${htmlId(field)}"]`)?.classList.add("mended");
}

function unmark(field) {
  const control = controlOf(field);
  const help = document.getElementById(`${htmlId(field)}-help`);
  if (help) control.setAttribute("aria-describedby", help.id);
  else control.removeAttribute("aria-describedby");
  control.removeAttribute("aria-invalid");
}

/** Returns the id of a field's first control, with which its other ids begin: in a block, more than the field's name. */
function htmlId(field) {
  return field.querySelector("input, textarea").id;
}

/** Returns the element that help and error describe: the group of options, or the only control. */
function controlOf(field) {
  return field.matches("fieldset") ? field : field.querySelector("input, textarea");
}

function hidden(name) {
  return form.querySelector(`input[type=hidden][name=${name}]`);
}

function fromTemplate(selector) {
  return form.querySelector(`template${selector}`).content.firstElementChild.cloneNode(true);
}
