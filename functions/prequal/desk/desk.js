// The what-if, as one types: it posts the form, and takes over the parts of the answer. Without it, the button does.
(() => {
  const form = document.querySelector(".what-if");
  const trouble = document.getElementById("trouble");
  const wide = matchMedia("(min-width: 64rem)");
  const pause = 350;
  let timer;
  let asking;

  const ask = async (fields) => {
    clearTimeout(timer);
    asking?.abort();
    asking = new AbortController();
    try {
      const { signal } = asking;
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(fields), signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!page.getElementById("result") || answer.status === 409) {
        const told = page.querySelectorAll("main h1, main .lead, main .fault");
        throw new Error([...told].map((each) => each.textContent.trim()).join(". "));
      }
      trouble.textContent = "";
      show(page);
    } catch (error) {
      if (error.name !== "AbortError") {
        const why = error.name === "Error" ? error.message : "The desk doesn’t answer.";
        trouble.textContent = `${why} These figures are of before: load the page again.`;
      }
    }
  };

  const show = (page) => {
    const open = document.getElementById("movers")?.open ?? wide.matches;
    for (const part of document.querySelectorAll(".part, #said, .slot")) {
      const fresh = page.getElementById(part.id);
      if (fresh && fresh.innerHTML !== part.innerHTML) part.replaceChildren(...fresh.childNodes);
    }
    for (const row of document.querySelectorAll(".row")) {
      const fresh = page.getElementById(row.id);
      const field = row.querySelector("input, select");
      row.className = fresh.className;
      if (fresh.querySelector("[aria-invalid]")) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
    const movers = document.getElementById("movers");
    if (movers) movers.open = open;
  };

  form.classList.add("live");
  if (!wide.matches) document.getElementById("movers")?.removeAttribute("open");

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const fields = new FormData(form);
      fields.append("live", "1");
      ask(fields);
    }, pause);
  });

  form.addEventListener("submit", (event) => {
    if (event.submitter?.hasAttribute("formaction")) return;
    event.preventDefault();
    ask(new FormData(form));
  });
})();
