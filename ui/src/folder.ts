/** The folder that many paths are in. */

/** Returns the longest folder that all of `paths` begin with, with its last slash; "" when they have none. */
export function commonFolder(paths: string[]): string {
  const [first = "", ...others] = paths;
  if (others.length === 0 || !/^~?\//u.test(first)) return "";
  let end = first.lastIndexOf("/") + 1;
  for (const path of others) {
    while (end > 1 && !path.startsWith(first.slice(0, end)))
      end = first.lastIndexOf("/", end - 2) + 1;
  }
  // A path that is the folder itself would be drawn as nothing.
  const isInside = paths.every((path) => path.length > end);
  return end > 1 && isInside ? first.slice(0, end) : "";
}
