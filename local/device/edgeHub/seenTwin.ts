import { diffPatch, type JsonObject } from "../../base/mergePatch";
import type { Collection } from "../../base/store";
import { HubError } from "../../planes/hub/errors";
import type { ModuleLink, ModuleTwin } from "../../planes/hub/links/moduleLinks";
import type { HubLink } from "../hubLink";

/**
 * The twin of a module that is connected to edgeHub: the hub's own, or while the hub is away the one seen last, which
 * `twins` keeps.
 */
export function seenTwin(moduleId: string, upstream: HubLink, twins: Collection<ModuleTwin>) {
    function see(opened: ModuleLink): ModuleTwin {
        const twin = opened.twin();
        twins.put(moduleId, twin);
        return twin;
    }

    function away(): never {
        throw new HubError("ServerError", `The hub is away, and ${moduleId} has no twin on this device yet`);
    }

    return {
        read(): ModuleTwin {
            const opened = upstream.open();
            return opened ? see(opened) : (twins.get(moduleId) ?? away());
        },
        report: (patch: JsonObject): number => upstream.open()?.report(patch) ?? away(),
        /** Tells of the desired properties that changed while the hub was away, and of each change from now on. */
        follow(opened: ModuleLink, tell: (patch: JsonObject, version: number) => void): void {
            const before = twins.get(moduleId);
            const now = see(opened);
            if (before && before.desiredVersion !== now.desiredVersion)
                tell(diffPatch(before.desired, now.desired), now.desiredVersion);
            opened.onDesired((patch, version) => {
                see(opened);
                tell(patch, version);
            });
        },
    };
}
