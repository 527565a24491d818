// Fonts: of the pages (woff2, cut to what is shown) and of the documents (whole TTF files for Typst).
import { copyFile, mkdir, readFile, readdir } from "node:fs/promises";
import subsetFont from "subset-font";

const FAMILIES = { "noto-sans": "NotoSans", "noto-sans-arabic": "NotoSansArabic", "noto-sans-sc": "NotoSansSC" };

export async function documentFonts(folder) {
  await mkdir(folder, { recursive: true });
  for (const [family, name] of Object.entries(FAMILIES))
    for (const weight of ["400Regular", "700Bold"])
      await copyFile(`node_modules/@expo-google-fonts/${family}/${weight}/${name}_${weight}.ttf`, `${folder}/${name}_${weight}.ttf`);
}

// Returns the @font-face rules. The browser loads a file only where a page shows a character of its range.
export async function pageFonts(emit) {
  const rules = [];
  const face = (family, weight, file, range) =>
    rules.push(`@font-face{font-family:"${family}";font-weight:${weight};font-display:swap;src:url(${file}) format("woff2");unicode-range:${range}}`);

  for (const weight of [400, 600]) {
    for (const [family, subsets] of [["noto-sans", ["latin", "latin-ext"]], ["noto-sans-arabic", ["arabic"]]]) {
      const ranges = JSON.parse(await readFile(`node_modules/@fontsource/${family}/unicode.json`));
      for (const subset of subsets) {
        const name = `${family}-${subset}-${weight}-normal.woff2`;
        const file = await emit(name, await readFile(`node_modules/@fontsource/${family}/files/${name}`));
        face(family === "noto-sans" ? "Noto Sans" : "Noto Sans Arabic", weight, file, ranges[subset]);
      }
    }
  }

  // A whole Chinese font is 10 MB. The pages' own words take small files, the commonest characters together, so that a
  // page loads few of them; the names of countries take another; a name or address beyond them is set in the reader's
  // system font.
  const text = await catalogue("zh");
  const words = han(text);
  const slices = sliced(await catalogue("zh", "page-"), text, words);
  const countries = new Set([...han(countryNames())].filter((c) => !words.has(c)));
  // One weight: two would take the page over its 300 kB on a slow phone, so the browser thickens what is strong.
  for (const [weight, style] of [[400, "400Regular"]]) {
    const font = await readFile(`node_modules/@expo-google-fonts/noto-sans-sc/${style}/NotoSansSC_${style}.ttf`);
    for (const [name, characters] of [...slices.map((s, n) => [`words-${n}`, s]), ["countries", countries]]) {
      if (characters.size === 0) continue;
      const cut = await subsetFont(font, [...characters].join(""), { targetFormat: "woff2" });
      const file = await emit(`noto-sans-sc-${name}-${weight}.woff2`, cut);
      face("Noto Sans SC", weight, file, [...characters].sort().map((c) => `U+${c.codePointAt(0).toString(16)}`).join(","));
    }
  }
  return rules.join("\n") + "\n";
}

async function catalogue(language, of = "") {
  const folder = `../../runtime/language/locales/${language}`;
  const files = await readdir(folder).catch(() => []);
  const texts = await Promise.all(files.filter((f) => f.startsWith(of) && f.endsWith(".po")).map((f) => readFile(`${folder}/${f}`, "utf8")));
  return texts.join("") + "年月日星期周一二三四五六七八九十上下午中时分秒，。、：；？！（）“”《》"; // Babel's dates, punctuation
}

function countryNames() {
  const names = new Intl.DisplayNames("zh-Hans", { type: "region", fallback: "none" });
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  return letters.flatMap((a) => letters.map((b) => names.of(a + b) ?? "")).join("");
}

// Characters in files of SLICE each, by the number of lines in which they stand: first in what the pages themselves say,
// then in the whole catalogue, of which a page shows a few sentences.
const SLICE = 250;

function sliced(pages, text, characters) {
  const [first, all] = [pages, text].map((told) => counted(told));
  const ordered = [...characters].sort(
    (a, b) => (first.get(b) ?? 0) - (first.get(a) ?? 0) || (all.get(b) ?? 0) - (all.get(a) ?? 0) || a.codePointAt(0) - b.codePointAt(0),
  );
  return Array.from({ length: Math.ceil(ordered.length / SLICE) }, (_, n) => new Set(ordered.slice(n * SLICE, (n + 1) * SLICE)));
}

function counted(text) {
  const lines = new Map();
  for (const line of text.split("\n")) for (const c of han(line)) lines.set(c, (lines.get(c) ?? 0) + 1);
  return lines;
}

function han(text) {
  return new Set([...text].filter((c) => /[\p{Script=Han}\u3000-\u303f\uff00-\uffef“”]/u.test(c)));
}
