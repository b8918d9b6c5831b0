/** Markdown on the page: elements made from its tree, never markup from its text. @module */
import {h} from "../vendor/preact.js";
import {parseMarkdown} from "../lib/markdown.js";
import * as strings from "../strings.js";

export const Markdown = ({text}) => h("div", {class: "markdown"}, parseMarkdown(text).map(element));

function element(node, key) {
  if (typeof node === "string") return node;
  const {tag, children = [], href, checked, number} = node;
  const own = {key, ...(href ? {href, rel: "noreferrer noopener", target: /^https?:/i.test(href) ? "_blank" : undefined} : {}), ...(number > 1 ? {start: number} : {})};
  const box = checked === true || checked === false ? [h("input", {type: "checkbox", checked, disabled: true, "aria-label": checked ? strings.common.taskDone : strings.common.taskOpen}), " "] : [];
  return h(tag, {...own, class: box.length ? "task" : undefined}, [...box, ...children.map(element)]);
}
