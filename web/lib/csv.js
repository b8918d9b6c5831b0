/** Tables as text that other programs read. @module */

/** RFC 4180 with LF. @param {any[][]} rows */
export const toCSV = (rows) => rows.map((row) => row.map(cell).join(",")).join("\n") + "\n";

// A leading sign of a formula would be run by spreadsheets.
function cell(value) {
  const text = String(value ?? "");
  const safe = /^[=@\t\r]/.test(text) || (/^[+-]/.test(text) && Number.isNaN(Number(text)) && !/^[+-]?Infinity$/.test(text)) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A Markdown table; the first row is the head. */
export function toMarkdown(rows) {
  const line = (row) => `| ${row.map((value) => String(value ?? "").replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(rows[0]), line(rows[0].map(() => "---")), ...rows.slice(1).map(line)].join("\n") + "\n";
}

const TEX = {"\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}"};

/** A LaTeX tabular; the first row is the head. */
export function toLaTeX(rows) {
  const escape = (value) => String(value ?? "").replace(/[&%$#_{}~^\\]/g, (sign) => TEX[sign] ?? `\\${sign}`);
  const line = (row) => `${row.map(escape).join(" & ")} \\\\`;
  return [`\\begin{tabular}{${"l".repeat(rows[0].length)}}`, "\\hline", line(rows[0]), "\\hline", ...rows.slice(1).map(line), "\\hline", "\\end{tabular}"].join("\n") + "\n";
}
