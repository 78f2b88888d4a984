import { limitProblems } from "./limitProblems";
import { portProblems, unexposedPorts } from "./portProblems";
import { isRecord, type Loose, readBody, recordIn } from "./readBody";
import { valueProblems } from "./valueProblems";

/**
 * The mistakes in a container's options, a sentence each: what Docker refuses, which shows only when the container is
 * created, on the device, and what it passes over in silence.
 */
export function createOptionsProblems(options: Loose, place: string): string[] {
    const { body, problems } = readBody(options, place);
    const host = recordIn(body, "HostConfig");
    return [
        ...problems,
        ...portProblems(body, place),
        ...limitProblems(host, `${place}.HostConfig`),
        // They look into lists and objects that a wrong type hides.
        ...(problems.length > 0 ? [] : valueProblems(body, place)),
    ];
}

/**
 * What a device takes and does, but what is seldom meant: rights over the whole machine, and ports that are bound where
 * nothing listens or that nothing here exposes. `imageExposes` says that the image is known to expose its own ports.
 */
export function createOptionsCautions(options: Loose, place: string, imageExposes = false): string[] {
    const { body } = readBody(options, place);
    const host = recordIn(body, "HostConfig");
    const bound = isRecord(host.PortBindings) ? Object.keys(host.PortBindings) : [];
    const inHostNetwork = host.NetworkMode === "host" && bound.length > 0;
    return [
        ...(imageExposes || inHostNetwork
            ? []
            : unexposedPorts(body).map(
                  (port) =>
                      `Expected ${place}.ExposedPorts to have ${port}, which PortBindings binds, found none. Without it the port answers only where the image exposes it.`,
              )),
        ...(inHostNetwork
            ? [
                  `Expected ${place}.HostConfig to have PortBindings or NetworkMode host, found both. In the host's network Docker passes over them.`,
              ]
            : []),
        ...(host.Privileged === true
            ? [
                  `Expected ${place}.HostConfig without Privileged, found true. Give the module only the Devices that it needs; edgeAgent may take the right away.`,
              ]
            : []),
    ];
}
