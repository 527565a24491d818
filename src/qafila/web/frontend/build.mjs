// Called by build.py: node build.mjs BUILT FONTS
import { mkdir } from "node:fs/promises";
import { fonts } from "./fonts.mjs";

const [built, documents] = process.argv.slice(2);
await mkdir(built, { recursive: true });
await fonts(documents);
