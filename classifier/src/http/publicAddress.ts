import { lookup as systemLookup } from "node:dns";
import type { LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";

/** A service for Azure's own virtual machines answers here with their secrets, though the address counts as public. */
const AZURE_PLATFORM = "168.63.129.16";
/** Only addresses in this range are routed on the Internet. */
const GLOBAL_UNICAST_V6 = ipaddr.IPv6.parseCIDR("2000::/3");
/** Where a network has IPv6 only, its name servers give IPv4 hosts in this form (NAT64, RFC 6052). */
const TRANSLATED_V4 = ipaddr.IPv6.parseCIDR("64:ff9b::/96");

/**
 * Whether an IP address is one of the public Internet: not of this machine or network, not a metadata service, nothing
 * reserved, and none of these in an IPv6 form of an IPv4 address.
 */
export function isPublic(address: string): boolean {
    const parsed = ipaddr.process(address);
    if (parsed instanceof ipaddr.IPv4) {
        return parsed.range() === "unicast" && parsed.toString() !== AZURE_PLATFORM;
    }
    if (parsed.match(TRANSLATED_V4)) {
        return isPublic(ipaddr.fromByteArray(parsed.toByteArray().slice(12)).toString());
    }
    return parsed.range() === "unicast" && parsed.match(GLOBAL_UNICAST_V6);
}

/**
 * A `lookup` for connections that fails for names with an address that is not allowed. It is asked for each connection,
 * and the connection goes to what it answers: what the name stood for before, or will, makes no difference.
 */
export function guardedLookup(
    allows: (address: string) => boolean,
    lookup: typeof systemLookup = systemLookup,
): LookupFunction {
    return (hostname, options, callback) => {
        lookup(hostname, { ...options, all: true }, (error, addresses) => {
            const [first] = addresses ?? [];
            if (error || !first) {
                callback(error ?? new Error(`${hostname} has no address`), "", 0);
            } else if (!addresses.every(({ address }) => allows(address))) {
                callback(notPublic(hostname), "", 0);
            } else if (options.all) {
                callback(null, addresses);
            } else {
                callback(null, first.address, first.family);
            }
        });
    };
}

export function notPublic(hostname: string): Error {
    return new Error(
        `${hostname} is no public address, and only such are fetched from unless ALLOW_PRIVATE_URLS is set`,
    );
}
