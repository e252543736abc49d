// Unpack the Chromium of the package @sparticuz/chromium into a folder with the number of its version:
//   node script/browser/unpack.mjs FOLDER_WITH_NODE_MODULES
// The package itself would unpack into the temporary folder, and use whatever version lies there.
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const folder = resolve(process.argv[2]);
const package_ = join(folder, "node_modules", "@sparticuz", "chromium");
const { version } = JSON.parse(readFileSync(join(package_, "package.json"), "utf8"));
const target = join(folder, `chromium-${version}`);
if (!existsSync(target)) {
  for (const name of readdirSync(folder)) {
    if (name.startsWith("chromium-")) rmSync(join(folder, name), { recursive: true });
  }
  const unfinished = join(folder, "chromium-unfinished");
  mkdirSync(unfinished);
  process.env.TMPDIR = unfinished; // where `inflate` unpacks
  const { inflate } = await import(pathToFileURL(join(package_, "build", "index.js")));
  for (const name of ["chromium.br", "fonts.tar.br", "al2023.tar.br"]) await inflate(join(package_, "bin", name));
  const fonts = [join(target, "fonts"), join(folder, "node_modules", "@embedpdf", "fonts-jp", "fonts")];
  writeFileSync(
    join(unfinished, "fonts.conf"),
    `<?xml version="1.0"?>\n<fontconfig>\n${fonts.map((path) => `  <dir>${path}</dir>\n`).join("")}` +
      `  <cachedir>${join(target, "font-cache")}</cachedir>\n</fontconfig>\n`,
  );
  renameSync(unfinished, target);
}
