import type { JsonObject } from "../../base/mergePatch";
import { chunkCreateOptions } from "../modules/createOptions";
import type { ModuleRecord } from "../modules/moduleRecords";
import { runtimeVersion } from "../runtimeVersion";
import type { Deployment, SystemModule } from "./deployment";

/** How .NET writes the time of something that has not happened yet. */
const notYet = "0001-01-01T00:00:00";

/** How the last deployment went: 200, 400, 406 (the agent is off), 412, 417 or 500 (`DeploymentStatusCode.cs`). */
export interface DeploymentStatus {
    code: number;
    description: string;
}

/**
 * All reported properties of $edgeAgent. They are those of the real edgeAgent, except that this one does not repeat the
 * registry's credentials.
 */
export function reportedProperties(state: {
    version: number;
    status: DeploymentStatus;
    /** The last deployment that could be read. */
    deployment?: Deployment;
    modules: readonly ModuleRecord[];
    startedAt: number;
    /** False once the agent is off; from then on nobody knows how a module is. */
    isOn: boolean;
}): JsonObject {
    const { deployment, isOn } = state;
    return {
        // The newest schema of reported properties that IoT Edge 1.6 knows.
        schemaVersion: "1.1",
        version: { version: runtimeVersion },
        lastDesiredVersion: state.version,
        lastDesiredStatus: { ...state.status },
        runtime: {
            type: "docker",
            platform: {
                os: "linux",
                architecture: process.arch === "x64" ? "x86_64" : process.arch,
                version: runtimeVersion,
            },
            settings: {},
        },
        systemModules: deployment ? systemModules(deployment, state.startedAt, isOn) : {},
        modules: Object.fromEntries(
            state.modules.map((record) => [record.desired.name, moduleProperties(record, isOn)]),
        ),
    };
}

/** edgeAgent and edgeHub, which are this device itself and run as long as it does. */
function systemModules({ systemModules: wanted }: Deployment, startedAt: number, isOn: boolean): JsonObject {
    const properties = (module: SystemModule): JsonObject => ({
        type: "docker",
        exitCode: 0,
        statusDescription: "running",
        lastStartTimeUtc: time(startedAt),
        lastExitTimeUtc: notYet,
        runtimeStatus: isOn ? "running" : "unknown",
        imagePullPolicy: "on-create",
        settings: { image: module.image, ...chunkCreateOptions(module.createOptions) },
    });
    const kept = { status: "running", restartPolicy: "always", restartCount: 0, lastRestartTimeUtc: notYet };
    return { edgeAgent: properties(wanted.edgeAgent), edgeHub: { ...properties(wanted.edgeHub), ...kept } };
}

function moduleProperties(record: ModuleRecord, isOn: boolean): JsonObject {
    const { desired } = record;
    return {
        type: "docker",
        ...(desired.version !== undefined && { version: desired.version }),
        status: desired.status,
        restartPolicy: desired.restartPolicy,
        imagePullPolicy: desired.imagePullPolicy,
        startupOrder: desired.startupOrder,
        exitCode: record.exitCode,
        statusDescription: record.statusDescription,
        lastStartTimeUtc: time(record.lastStart),
        lastExitTimeUtc: time(record.lastExit),
        restartCount: record.restartCount,
        lastRestartTimeUtc: time(record.lastRestart),
        runtimeStatus: isOn ? record.runtimeStatus : "unknown",
        settings: {
            image: desired.image,
            imageHash: record.imageHash,
            ...chunkCreateOptions(desired.createOptions),
        },
        env: Object.fromEntries(Object.entries(desired.env).map(([name, value]) => [name, { value }])),
    };
}

function time(milliseconds: number | undefined): string {
    return milliseconds === undefined ? notYet : new Date(milliseconds).toISOString();
}
