// Great circles. Longitudes run on past ±180° so that a line over the date line is not torn.
const RAD = Math.PI / 180;

export function greatCircle([lon1, lat1], [lon2, lat2], stepKm = 150) {
  const [p1, p2, dl] = [lat1 * RAD, lat2 * RAD, (lon2 - lon1) * RAD];
  const h = Math.sin((p2 - p1) / 2) ** 2 + Math.cos(p1) * Math.cos(p2) * Math.sin(dl / 2) ** 2;
  const angle = 2 * Math.asin(Math.min(1, Math.sqrt(h)));
  const steps = Math.min(64, Math.max(1, Math.ceil((angle * 6371) / stepKm)));
  const points = [[lon1, lat1]];
  for (let i = 1; i < steps; i++) {
    const [a, b] = [Math.sin((1 - i / steps) * angle) / Math.sin(angle), Math.sin((i / steps) * angle) / Math.sin(angle)];
    const x = a * Math.cos(p1) * Math.cos(lon1 * RAD) + b * Math.cos(p2) * Math.cos(lon2 * RAD);
    const y = a * Math.cos(p1) * Math.sin(lon1 * RAD) + b * Math.cos(p2) * Math.sin(lon2 * RAD);
    const z = a * Math.sin(p1) + b * Math.sin(p2);
    points.push([Math.atan2(y, x) / RAD, Math.atan2(z, Math.hypot(x, y)) / RAD]);
  }
  points.push([lon2, lat2]);
  for (let i = 1; i < points.length; i++) {
    while (points[i][0] - points[i - 1][0] > 180) points[i][0] -= 360;
    while (points[i][0] - points[i - 1][0] < -180) points[i][0] += 360;
  }
  return points.map(([lon, lat]) => [Math.round(lon * 1000) / 1000, Math.round(lat * 1000) / 1000]);
}
