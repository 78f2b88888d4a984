import type { NameRule } from "./resourceType";

/** Rule of the names of networks, their parts and machines (Azure resource naming rules). */
export function dottedName(shortest: 1 | 2, longest: number): Pick<NameRule, "pattern" | "rule"> {
    const rest = `([a-zA-Z0-9_.-]{0,${longest - 2}}[a-zA-Z0-9_])${shortest === 1 ? "?" : ""}`;
    return {
        pattern: new RegExp(`^[a-zA-Z0-9]${rest}$`),
        rule:
            `${shortest} to ${longest} letters, digits, underscores, dots or dashes, beginning with a letter or digit, ` +
            "not ending in a dot or dash",
    };
}
