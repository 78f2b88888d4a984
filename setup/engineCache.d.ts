/** See `engineCache.js`. */
export function cacheFolder(env?: NodeJS.ProcessEnv): string;
