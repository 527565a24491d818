// The map's ground: land and borders of Natural Earth (package world-atlas), from TopoJSON to GeoJSON.
import { readFile } from "node:fs/promises";
import { feature, mesh } from "topojson-client";

export async function land() {
  const world = JSON.parse(await readFile("node_modules/world-atlas/countries-50m.json", "utf8"));
  const ground = feature(world, world.objects.land);
  const borders = mesh(world, world.objects.countries, (a, b) => a !== b);
  // world-atlas is made for a globe: its rings run across the date line. On a flat map each must run on past
  // ±180°, and the one around the pole is led down to it and back.
  const unwrapped = (line) => {
    let turn = 0;
    const run = line.map(([lon, lat], i) => {
      if (i && lon - line[i - 1][0] > 180) turn -= 360;
      if (i && lon - line[i - 1][0] < -180) turn += 360;
      return [lon + turn, lat];
    });
    const [first, last] = [run[0], run.at(-1)];
    return Math.abs(first[0] - last[0]) < 180 ? run : [...run, [last[0], -90], [first[0], -90], first];
  };
  const flat = (geometry) => {
    const cut = { Polygon: (c) => c.map(unwrapped), MultiPolygon: (c) => c.map((p) => p.map(unwrapped)), MultiLineString: (c) => c.map(crossing) };
    return { ...geometry, coordinates: cut[geometry.type](geometry.coordinates) };
  };
  const crossing = (line) => line.map(([lon, lat]) => [lon - line[0][0] > 180 ? lon - 360 : lon - line[0][0] < -180 ? lon + 360 : lon, lat]);
  const two = (value) => (typeof value === "number" ? Math.round(value * 100) / 100 : value.map(two));
  const tidy = (geometry) => ({ type: geometry.type, coordinates: two(flat(geometry).coordinates) });
  const parts = (ground.features ?? [ground]).map((f) => ({ type: "Feature", properties: { kind: "land" }, geometry: tidy(f.geometry) }));
  parts.push({ type: "Feature", properties: { kind: "border" }, geometry: tidy(borders) });
  return JSON.stringify({ type: "FeatureCollection", features: parts });
}
