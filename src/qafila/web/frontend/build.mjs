// Called by build.py: node build.mjs BUILT FONTS
// Everything is written beside the old output first, so that a page is never served from a half build.
import { mkdir, rename, rm, writeFile, readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { createHash } from "node:crypto";
import * as esbuild from "esbuild";
import { documentFonts, pageFonts } from "./fonts.mjs";
import { licences } from "./licences.mjs";
import { land } from "./land.mjs";

const [built, documents] = process.argv.slice(2);
const fresh = `${built}.new`;
await rm(fresh, { recursive: true, force: true });
await mkdir(fresh, { recursive: true });

const manifest = {}; // plain name -> name with a hash of its content, so that it can be cached for ever
async function emit(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
  const dot = name.lastIndexOf(".");
  manifest[name] = `${name.slice(0, dot)}-${hash}${name.slice(dot)}`;
  await writeFile(`${fresh}/${manifest[name]}`, content);
  if (!name.endsWith(".woff2")) await writeFile(`${fresh}/${manifest[name]}.gz`, gzipSync(content, { level: 9 }));
  return manifest[name];
}

const faces = await pageFonts(emit);
const bundles = await esbuild.build({
  entryPoints: {
    app: "source/app.js",
    scanner: "source/scanner.js",
    induction: "source/induction.js",
    eye: "source/eye.js",
    "load-desk": "source/load_desk.js",
    driver: "source/driver.js",
    door: "source/door.js",
    "scanner-worker": "source/scanner_worker.js",
    map: "source/map.js",
    "map-worker": "maplibre-gl/dist/maplibre-gl-worker.mjs",
    style: "source/styles/index.css",
    "map-style": "source/styles/map.css",
  },
  bundle: true, minify: true, format: "esm", target: "es2022", legalComments: "eof", write: false, outdir: fresh,
});
for (const file of bundles.outputFiles) {
  const name = file.path.split("/").pop();
  await emit(name, name === "style.css" ? faces + file.text : file.text);
}
await emit("land.json", await land());
await emit("zxing_reader.wasm", await readFile("node_modules/zxing-wasm/dist/reader/zxing_reader.wasm"));
await emit("favicon.svg", await readFile("source/mark.svg"));
await emit("licences.txt", await licences());
await documentFonts(documents);
await writeFile(`${fresh}/manifest.json`, JSON.stringify(manifest, null, 1));

await rm(built, { recursive: true, force: true });
await rename(fresh, built);
