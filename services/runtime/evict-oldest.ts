/**
 * Takes away what was put in first, until so many are left. Take many at once: what was taken away stands in the way of
 * looking for the oldest, until the map is made anew.
 */
export function forgetOldest(map: Map<string, unknown>, left: number): void {
  for (const key of map.keys()) {
    if (map.size <= left) return;
    map.delete(key);
  }
}
