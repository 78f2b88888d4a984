/** See `sourcesHash.js`. */
export function sourcesHash(folder: string, entries: string[]): string;
