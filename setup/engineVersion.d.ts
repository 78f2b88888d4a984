/** See `engineVersion.js`. */
export const version: string;
export function unfitVersion(found: string, exact: boolean): string | undefined;
