import { type Base, bases, type Loose } from "./bases";
import type { Rule } from "./sources";

/** A manifest in the shape of a public one, and what the runtime would do with it. */
export interface PublicCase {
    readonly rule: Rule;
    readonly title: string;
    readonly manifest: unknown;
    /** A part of the sentence by which it is refused; undefined where it is valid. */
    readonly refused: string | undefined;
}

/** A shape with a small change. */
export function edited(
    rule: Rule,
    base: Base,
    title: string,
    change: (content: Loose) => unknown,
    refused?: string,
): PublicCase {
    const manifest = structuredClone(bases[base]());
    change(manifest.modulesContent);
    return { rule, title: `${base}: ${title}`, manifest, refused };
}

export const agentOf = (content: Loose): Loose => content.$edgeAgent["properties.desired"];
export const hubOf = (content: Loose): Loose => content.$edgeHub["properties.desired"];

/** A shape whose first module is created with other options. */
export function options(rule: Rule, base: Base, createOptions: object, refused?: string): PublicCase {
    const text = JSON.stringify(createOptions);
    return edited(
        rule,
        base,
        text,
        (content) => {
            const [module] = Object.values(agentOf(content).modules) as Loose[];
            module.settings.createOptions = text;
        },
        refused,
    );
}

/** A shape with one more route. */
export function route(rule: Rule, base: Base, expression: unknown, refused?: string): PublicCase {
    return edited(
        rule,
        base,
        String(typeof expression === "string" ? expression : JSON.stringify(expression)),
        (content) => (hubOf(content).routes.more = expression),
        refused,
    );
}
