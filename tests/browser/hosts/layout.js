() => {
  const block = document.querySelector(".prequal");
  const box = (element) => element.getBoundingClientRect();
  const style = (element) => getComputedStyle(element);
  const fields = [...block.querySelectorAll(".field")];
  const labels = [...block.querySelectorAll("label, legend")].filter((label) => !label.closest("[aria-hidden]"));
  const controls = [...block.querySelectorAll("input:not([type=hidden], [tabindex]), textarea, button")];
  const overlap = (one, other) =>
    box(one).top < box(other).bottom - 1 &&
    box(other).top < box(one).bottom - 1 &&
    box(one).left < box(other).right - 1 &&
    box(other).left < box(one).right - 1;
  const isOdd = (label) =>
    style(label).textTransform !== "none" ||
    style(label).letterSpacing !== "normal" ||
    style(label).textAlign !== "start" ||
    style(label).fontStyle !== "normal" ||
    style(label).opacity !== "1" ||
    style(label).writingMode !== "horizontal-tb" ||
    parseFloat(style(label).fontSize) < 15 ||
    getComputedStyle(label, "::after").content !== "none";
  const isUnseen = (element) =>
    !element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) ||
    box(element).height < 15 ||
    box(element).width < 15;
  return {
    fields: fields.length > 5,
    outside: fields.filter((field) => box(field).left < box(block).left || box(field).right > box(block).right),
    overlapping: fields.filter((field) => fields.some((other) => other !== field && overlap(field, other))),
    flat: fields.filter((field) => box(field).height < 24 || box(field).width < 150),
    odd: labels.filter(isOdd),
    unseen: [...labels, ...controls].filter(isUnseen),
    effects: [style(block).filter, style(block).clipPath, style(block).transform],
  };
}
