import { rmSync } from "node:fs";
import { join } from "node:path";
import { socketName } from "../../workload/workloadApi";
import { readCreateOptions } from "../createOptions";
import type { ModuleRuntime, RuntimeOptions } from "../moduleRuntime";
import { openImages } from "./images";
import { startProcess, stopOrphan } from "./moduleProcess";
import { type Environment, processSpec } from "./processSpec";

/** Runs modules as processes of this machine, from images that the device unpacked. */
export function processRuntime(
    options: RuntimeOptions & {
        environment: Environment;
        /** Host name and port by which its modules reach edgeHub. */
        gatewayHostName: string;
    },
): ModuleRuntime {
    const { folder, clock, environment } = options;
    const images = openImages(join(folder, "images"));
    const home = (name: string) => join(folder, "modules", name);
    return {
        kind: "process",
        findImage: async ({ reference }) => images.find(reference),
        hasImage: (digest) => images.find(digest) !== undefined,
        pull: images.pull,
        keepOnly: async (digests) => images.keepOnly(digests),

        async create({ name }) {
            rmSync(home(name), { recursive: true, force: true });
            return {};
        },

        async start({ desired, digest }, note) {
            const { name } = desired;
            const image = images.find(digest);
            if (!image) throw new Error(`The image ${digest} of ${name} is no longer on the device.`);
            const { options: createOptions } = readCreateOptions({ createOptions: desired.createOptions });
            const identity = options.identity(name);
            const spec = await processSpec(desired, createOptions, image, identity, {
                home: home(name),
                logFile: options.logFile(name),
                environment,
                reach: {
                    gatewayHostName: options.gatewayHostName,
                    workloadUri: `unix://${join(await options.workload(name), socketName)}`,
                },
            });
            const started = await startProcess(spec, (process) => note({ process }));
            return {
                title: `process ${started.identity.pid}`,
                exited: started.exited,
                stop: () => started.stop(clock),
            };
        },

        async remove({ desired }) {
            rmSync(home(desired.name), { recursive: true, force: true });
        },

        async takeUp(records) {
            const left = records.filter(({ process }) => process);
            await Promise.all(left.map(({ process }) => process && stopOrphan(process, clock)));
            return new Map(left.map(({ desired }) => [desired.name, { ended: true } as const]));
        },

        // Everything lies on the device's disk, which is removed whole.
        async erase() {},
    };
}
