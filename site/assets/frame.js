// In a frame on another site: keeps where the visitor came from, and lets that site set the frame's height.

const hosts = document.body.dataset.frames.split(" ");

addEventListener("message", ({ source, origin, data }) => {
  if (source !== parent || !hosts.includes(origin)) return;
  keepSource(new URLSearchParams(data.search), data.referrer?.startsWith(`${origin}/`) ? "" : data.referrer);
  const tell = (message) => parent.postMessage(message, origin);
  new ResizeObserver(() => tell({ height: document.documentElement.offsetHeight })).observe(document.documentElement);
  // Browsers don't scroll the page around a frame from another site.
  addEventListener("focusin", ({ target }) => tell({ focus: target.getBoundingClientRect().top }));
  if (!document.querySelector("form") || document.querySelector(".summary")) tell({ focus: 0 });
});

/** Takes the source from the address of the page around the frame, and the page before that one. */
function keepSource(query, referrer) {
  for (const field of document.querySelectorAll("[data-source]")) {
    field.value = query.get(field.name) ?? (field.name === "referrer" ? (referrer ?? "") : field.value);
  }
}
