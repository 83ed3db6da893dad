// Style sheets against the browsers of package.json ("browserslist"): anything that one of them does not know is told.
//   node config/browsers.mjs FILE...
import { readFileSync } from "node:fs";
import doiuse from "doiuse";
import postcss from "postcss";

// Known to these browsers but for a corner that is not used here, and so told as partial.
const WITHOUT_CORNERS = [
  "css-logical-props", // the old names of -moz- and -webkit-
  "css-overflow", // overflow: clip
  "css-page-break", // values beside auto and avoid
  "css-sticky", // heads of tables
  "multicolumn", // break-*: avoid-column
  "text-decoration", // the shorthand with a thickness
];
const { browserslist } = JSON.parse(readFileSync("package.json", "utf8"));
let wrong = 0;

for (const file of process.argv.slice(2)) {
  const tell = (usage) => {
    wrong += 1;
    console.error(`${file}:${usage.usage.source.start.line}: ${usage.message.replace(/<[^>]*>/g, "")}`);
  };
  const look = doiuse({ browsers: browserslist, ignore: WITHOUT_CORNERS, onFeatureUsage: tell });
  await postcss(look).process(readFileSync(file, "utf8"), { from: file });
}
process.exit(wrong ? 1 : 0);
