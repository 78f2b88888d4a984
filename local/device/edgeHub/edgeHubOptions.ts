import type { JsonObject } from "../../base/mergePatch";
import type { Collection, Store } from "../../base/store";
import type { ModuleLink, ModuleTwin } from "../../planes/hub/links/moduleLinks";
import type { Retrying } from "../clock";
import type { KeptMessage } from "./messageQueues";

/** What the edgeHub of a device, and each of its parts, is given. */
export interface EdgeHubOptions extends Retrying {
    deviceId: string;
    /** The hub's host name, which the tokens of modules are made for. */
    hubHostName: string;
    /** Connects to the hub as a module of this device; throws when the hub is away or refuses. */
    connect(moduleId: string): ModuleLink;
    /** The key of a module's identity, base64; undefined when there is no such module. */
    key(moduleId: string): string | undefined;
    data: EdgeHubData;
}

/** What the store keeps of an edgeHub. */
export interface EdgeHubData {
    /** Under `newest`: the desired properties that came last and could be read, for a start without the hub. */
    config: Collection<JsonObject>;
    messages: Collection<KeptMessage>;
    /** The twins that its modules saw last. */
    twins: Collection<ModuleTwin>;
    transaction: Store["transaction"];
}
