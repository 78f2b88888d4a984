import { isIP } from "node:net";
import { isRecord, type Loose, recordIn } from "./readBody";

/** A port of the device that a module binds: on all its addresses, or on one. */
export interface BoundPort {
    readonly address: string;
    readonly port: number;
    readonly protocol: string;
}

/** The device's ports that are bound whatever happens: of a range Docker takes one that is free. */
export function boundPorts(body: Loose): BoundPort[] {
    return bindings(body).flatMap(({ key, binding }) => {
        const { HostIp: address, HostPort: port } = binding;
        if (typeof port !== "string" || !/^[1-9]\d*$/.test(port)) return [];
        const protocol = withProtocol(key).split("/")[1] ?? "tcp";
        return [{ address: typeof address === "string" ? address : "", port: Number(port), protocol }];
    });
}

/** Whether both cannot be bound: the same port on the same address, or one of them on all addresses. */
export function collide(one: BoundPort, other: BoundPort): boolean {
    if (one.port !== other.port || one.protocol !== other.protocol) return false;
    const [a, b] = [family(one.address), family(other.address)];
    if (a.version !== 0 && b.version !== 0 && a.version !== b.version) return false;
    return a.isAll || b.isAll || one.address === other.address;
}

/** Without an address Docker binds on all of both families. */
function family(address: string): { version: number; isAll: boolean } {
    return address === ""
        ? { version: 0, isAll: true }
        : { version: isIP(address), isAll: address === "0.0.0.0" || address === "::" };
}

/** What is wrong with the ports of a container, a sentence each. */
export function portProblems(body: Loose, place: string): string[] {
    const host = recordIn(body, "HostConfig");
    const bound = recordIn(host, "PortBindings");
    const exposed = recordIn(body, "ExposedPorts");
    const problems = [
        ...Object.keys(exposed)
            .filter((key) => !isPort(key, true))
            .map((key) => `Expected ${place}.ExposedPorts to have keys such as 80/tcp, found "${key}".`),
        ...Object.keys(bound)
            .filter((key) => !isPort(key, false))
            .map(
                (key) =>
                    `Expected ${place}.HostConfig.PortBindings to have keys such as 80/tcp, found "${key}".`,
            ),
    ];
    for (const { key, binding } of bindings(body)) {
        const { HostIp: address, HostPort: port } = binding;
        const where = `of ${key} in ${place}.HostConfig.PortBindings`;
        if (typeof port === "string" && port !== "" && !isHostPort(port))
            problems.push(
                `Expected HostPort ${where} to be a number in a text such as "8080", from 1 to 65535, found "${port}".`,
            );
        if (typeof address === "string" && address !== "" && isIP(address) === 0)
            problems.push(`Expected HostIp ${where} to be an address such as 127.0.0.1, found "${address}".`);
    }
    return problems;
}

/** The ports that are bound although neither the image may expose them nor these options do, such as `80/tcp`. */
export function unexposedPorts(body: Loose): string[] {
    const exposed = Object.keys(recordIn(body, "ExposedPorts")).map(withProtocol);
    return [...new Set(bindings(body).map(({ key }) => withProtocol(key)))].filter(
        (port) => !exposed.includes(port),
    );
}

function bindings(body: Loose): { key: string; binding: Loose }[] {
    const host = recordIn(body, "HostConfig");
    return Object.entries(recordIn(host, "PortBindings")).flatMap(([key, list]) =>
        (Array.isArray(list) ? list : []).filter(isRecord).map((binding) => ({ key, binding })),
    );
}

function isPort(key: string, mayBeRange: boolean): boolean {
    const [, ports = ""] = /^([\d-]+)(?:\/(?:tcp|udp|sctp))?$/i.exec(key) ?? [];
    return mayBeRange ? isHostPort(ports) : isHostPort(ports) && !ports.includes("-");
}

function isHostPort(text: string): boolean {
    const [, first, last = first] = /^([1-9]\d*)(?:-([1-9]\d*))?$/.exec(text) ?? [];
    return first !== undefined && Number(first) <= Number(last) && Number(last) <= 65_535;
}

function withProtocol(port: string): string {
    return (port.includes("/") ? port : `${port}/tcp`).toLowerCase();
}
