/** A text of a device or a service is shown only so far. */
const longest = 1000;

/**
 * A text of others without the values of what is named like a secret, since edgeAgent's errors may quote the
 * configuration that it was given, and cut where it goes on for long.
 */
export function withoutSecrets(text: string): string {
    const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
    return cut
        .replace(
            /("?(?:password|SharedAccessKey|sig|token|secret)"?\s*[=:]\s*)("[^"]*"?|[^\s;,&}]+)/gi,
            "$1…",
        )
        .replace(/(Bearer|Basic) [\w.~+/=-]+/g, "$1 …");
}
