/** The JSDoc types of the pure modules, checked by TypeScript where it is installed (Debian: node-typescript). */
import assert from "node:assert/strict";
import {spawnSync} from "node:child_process";
import {test} from "node:test";
import {fileURLToPath} from "node:url";

const missing = spawnSync("tsc", ["--version"]).error ? "tsc is not installed" : false;

test("the types of jsconfig.json's modules agree", {skip: missing}, () => {
  const done = spawnSync("tsc", ["-p", fileURLToPath(new URL("../jsconfig.json", import.meta.url))], {encoding: "utf8"});
  assert.equal(done.status, 0, done.stdout);
});
