import { placeName } from "./shapeProblems";

/**
 * The places of a manifest where a template's placeholder is left, such as `${ACR_PASSWORD}` or `${MODULES.filter}`, a
 * sentence each. Neither hub nor device fills them in: that is done by the tools that build a deployment from a template.
 */
export function placeholderProblems(manifest: unknown): string[] {
    const problems: string[] = [];
    const visit = (value: unknown, path: readonly string[]): void => {
        if (typeof value === "string") note(value, path);
        if (typeof value !== "object" || value === null) return;
        for (const [key, member] of Object.entries(value)) {
            note(key, path);
            visit(member, [...path, key]);
        }
    };
    const note = (text: string, path: readonly string[]) => {
        const found = /\$\{[^{}]*\}/.exec(text)?.[0] ?? accountVariable(text, path);
        if (found === undefined) return;
        // The rest of the text may be secret.
        const shown = /^\$\{?[\w.:<>/-]{1,80}\}?$/.test(found) ? found : "one";
        problems.push(
            `Expected ${placeName(path)} without placeholders, found ${shown}. Build the manifest from its template first, which fills them in from the environment (.env): iotedgedev genconfig, or "Generate deployment manifest" in an editor.`,
        );
    };
    visit(manifest, []);
    return problems;
}

/** Templates write a registry's account also as `$CONTAINER_REGISTRY_PASSWORD_name`. */
function accountVariable(text: string, path: readonly string[]): string | undefined {
    return path.includes("registryCredentials") && /^\$[A-Z][A-Z0-9]*_\w+$/.test(text) ? text : undefined;
}
