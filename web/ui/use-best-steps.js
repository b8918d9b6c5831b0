/** Values at another metric's best, read for the rows in view. @module */
import {useEffect, useMemo} from "../vendor/preact.js";
import {BestSteps} from "../store/best-steps.js";

/** @param {any} store  @returns {BestSteps} */
export function useBestSteps(store) {
  const best = useMemo(() => new BestSteps(store), [store]);
  useEffect(() => () => best.close(), [best]);
  return best;
}
