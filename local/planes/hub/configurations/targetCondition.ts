import { HubError } from "../errors";
import type { ConfigurationKind } from "../hubData";
import type { Condition, Path } from "../query/condition";
import { pathsOf } from "../query/paths";
import { parseTargetCondition } from "../query/twinQuery";

/** Whom a configuration targets, and by what of a twin that is decided. */
export interface TargetCondition {
    where: Condition;
    reads: { tags: boolean; reported: boolean };
}

/**
 * Reads the target condition of a configuration of this kind; undefined for the empty one, which targets nobody. It may
 * look at ids, tags and reported properties only (measured); that of modules is `FROM devices.modules WHERE …`, and
 * cannot be all of them (learn: iot-hub-automatic-device-management).
 */
export function readTargetCondition(text: string, kind: ConfigurationKind): TargetCondition | undefined {
    if (text.trim() === "") return undefined;
    const { from, where } = refusingAs("InvalidConfigurationTargetCondition", () =>
        parseTargetCondition(text),
    );
    const isOfModules = /^\s*from\b/i.test(text);
    if (isOfModules !== (kind === "module") || isOfModules !== (from === "modules")) {
        throw invalid(
            text,
            "a configuration with moduleContent has one that begins with FROM devices.modules, any other has none",
        );
    }
    if (kind === "module" && where.kind === "all") throw invalid(text, "modules need a WHERE");
    const paths = pathsOf(where);
    for (const path of paths) {
        if (isReadable(path, kind)) continue;
        throw invalid(
            text,
            `it names ${path.join(".")}, and may name deviceId, tags and properties.reported`,
        );
    }
    return {
        where,
        reads: {
            tags: paths.some(([root]) => root === "tags"),
            reported: paths.some(([root]) => root === "properties"),
        },
    };
}

/** Does `work`; what it refuses is refused under another name. */
export function refusingAs<T>(name: HubError["name"], work: () => T): T {
    try {
        return work();
    } catch (error) {
        throw error instanceof HubError ? new HubError(name, error.message) : error;
    }
}

function isReadable([root, below]: Path, kind: ConfigurationKind): boolean {
    if (root === "deviceId" || root === "tags") return true;
    return (root === "moduleId" && kind === "module") || (root === "properties" && below === "reported");
}

function invalid(text: string, reason: string): HubError {
    return new HubError(
        "InvalidConfigurationTargetCondition",
        `BadRequest: The target condition '${text}' is not valid: ${reason}`,
    );
}
