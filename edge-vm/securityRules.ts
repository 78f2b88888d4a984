import { isIP } from "node:net";
import type { input } from "@pulumi/azure-native/types";

/** A port that some addresses may reach. */
export interface Opening {
    /** Begins the names of its rules, such as `ssh`. */
    readonly name: string;
    readonly port: number;
    /** Ranges such as `198.51.100.0/24`; none leaves the port closed. */
    readonly from: readonly string[];
}

/** Azure takes priorities from 100 to 4096; a hundred for each opening. */
const rangesPerOpening = 100;

/**
 * One rule for each range, so that a review shows which one came or went. What no rule names stays closed, by the last of
 * Azure's default rules. Throws where a range is none.
 */
export function securityRules(openings: readonly Opening[]): input.network.SecurityRuleArgs[] {
    return openings.flatMap(({ name, port, from }, place) => {
        if (from.length > rangesPerOpening) {
            throw new Error(
                `Expected at most ${rangesPerOpening} ranges that may reach ${name}, found ${from.length}.`,
            );
        }
        return from.map((range, index) => ({
            name: `${name}-${index + 1}`,
            priority: (place + 1) * rangesPerOpening + index,
            direction: "Inbound",
            access: "Allow",
            protocol: "Tcp",
            sourceAddressPrefix: checkedRange(range, name),
            sourcePortRange: "*",
            destinationAddressPrefix: "*",
            destinationPortRange: String(port),
        }));
    });
}

/** Says which openings are for everyone; undefined when none is. */
export function openToEveryone(openings: readonly Opening[]): string | undefined {
    const open = openings.filter(({ from }) => from.some((range) => range.endsWith("/0")));
    if (open.length === 0) return undefined;
    const ports = open.map(({ name, port }) => `${name} (port ${port})`).join(" and ");
    return `The whole Internet may reach ${ports}. Name the ranges that need it instead of 0.0.0.0/0 or ::/0.`;
}

/** Whether a text is a range of addresses with its number of bits, such as `198.51.100.7/32` or `2001:db8::/48`. */
export function isAddressRange(text: string): boolean {
    const [, address = "", bits = ""] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
    const family = isIP(address);
    return family !== 0 && Number(bits) <= (family === 4 ? 32 : 128);
}

function checkedRange(range: string, opening: string): string {
    if (isAddressRange(range)) return range;
    throw new Error(
        `Expected the ranges that may reach ${opening} to be like 198.51.100.7/32, found "${range}". ` +
            "Write a single address with /32.",
    );
}
