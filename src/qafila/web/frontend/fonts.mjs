// Fonts of the documents: whole TTF files, for Typst sets any name or address.
import { copyFile, mkdir } from "node:fs/promises";

const WEIGHTS = ["400Regular", "700Bold"];
const FAMILIES = { "noto-sans": "NotoSans", "noto-sans-arabic": "NotoSansArabic", "noto-sans-sc": "NotoSansSC" };

export async function fonts(folder) {
  await mkdir(folder, { recursive: true });
  for (const [family, name] of Object.entries(FAMILIES))
    for (const weight of WEIGHTS)
      await copyFile(`node_modules/@expo-google-fonts/${family}/${weight}/${name}_${weight}.ttf`, `${folder}/${name}_${weight}.ttf`);
}
