import { writeFileSync } from "node:fs";
import { makeRangeTable } from "./range-table.ts";

/** `node test/support/write-range-cases.ts` writes the published table anew from the requests and the oracle. */
const table = makeRangeTable();
const lines = table.cases.map((one) => `    ${JSON.stringify(one)}`).join(",\n");
const head = JSON.stringify({ about: table.about, representations: table.representations }, undefined, 2);
const text = `${head.slice(0, head.lastIndexOf("\n"))},\n  "cases": [\n${lines}\n  ]\n}\n`;
writeFileSync(new URL("../server/range-cases.json", import.meta.url), text);
console.log(`${table.cases.length} cases`);
