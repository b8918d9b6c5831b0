/** The workspace's last section: a chart for each histogram of the project. @module */
import {html, useEffect, useState} from "../vendor/preact.js";
import {compareNatural} from "../lib/natural.js";
import {catalogueFilter} from "../lib/put-away.js";
import {metricMatcher} from "../lib/sections.js";
import {isSectionOpen, SectionHead} from "../pages/workspace.js";
import {histogramNames} from "../store/histograms.js";
import * as strings from "../strings.js";
import {lazy} from "./lazy.js";

const HistogramBox = lazy(() => import("./histogram-box.js"), "HistogramBox");
const NAME = strings.sections.histograms;

/** Begins closed, and while it is, only the names are known. */
export function HistogramSection({store, view, shown, colors}) {
  const list = histogramNames(store), [names, setNames] = useState(list.names);
  const {filter, metrics, charts, perRow} = view.now, scope = catalogueFilter(filter);
  useEffect(() => {
    const show = () => setNames(list.names);
    list.addEventListener("change", show);
    return () => list.removeEventListener("change", show);
  }, [list]);
  useEffect(() => { list.load(scope).then(setNames); }, [list, scope]);
  const matcher = metricMatcher(metrics), found = names.filter((name) => matcher.test(name)).sort(compareNatural), open = isSectionOpen(view.now, NAME, false);
  if (!found.length) return null;
  return html`<section class="section" aria-label=${NAME}><${SectionHead} name=${NAME} count=${found.length} open=${open} view=${view}/>
    ${open && html`<div class="histograms" style=${perRow > 0 ? {"--per-row": perRow, "--least": "180px"} : {}}>${found.map((name) => html`<${HistogramBox} key=${name} store=${store} name=${name} runs=${shown} colors=${colors}
      mode=${charts[name]?.mode} onMode=${(mode) => view.setChart(name, {mode})}/>`)}</div>`}</section>`;
}
