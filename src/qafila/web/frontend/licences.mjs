// The licences of what is sent to browsers and set in documents, word for word.
import { readFile, readdir } from "node:fs/promises";

const USED = ["maplibre-gl", "htmx.org", "world-atlas", "@fontsource/noto-sans", "@fontsource/noto-sans-arabic", "@expo-google-fonts/noto-sans-sc", "@expo-google-fonts/vazirmatn", "zxing-wasm"];

export async function licences() {
  const parts = [];
  for (const name of USED) {
    const folder = `node_modules/${name}`;
    const { version } = JSON.parse(await readFile(`${folder}/package.json`, "utf8"));
    const files = (await readdir(folder)).filter((f) => /^(licen[cs]e|notice|ofl)/i.test(f)).sort();
    const texts = await Promise.all(files.map((f) => readFile(`${folder}/${f}`, "utf8")));
    parts.push(`${name} ${version}\n${"=".repeat(60)}\n${texts.join("\n\n").trim()}\n`);
  }
  return parts.join("\n\n");
}
