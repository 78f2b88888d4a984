import type { Json, JsonObject } from "../../base/mergePatch";
import type { Collection, Store } from "../../base/store";
import type { HubMessage } from "./links/messages";
import { type LaggingCollection, lagging } from "./query/laggingCollection";

/** How an identity proves itself; the shape of the service's AuthenticationMechanism. */
export interface Authentication {
    type: "sas" | "selfSigned" | "certificateAuthority" | "none";
    symmetricKey?: { primaryKey: string; secondaryKey: string };
    x509Thumbprint?: { primaryThumbprint?: string; secondaryThumbprint?: string };
}

interface IdentityRecord {
    deviceId: string;
    /** Tells an identity from an earlier one of the same name. */
    generationId: string;
    /** Counts the writes to the identity; its ETag shows it. */
    revision: number;
    authentication: Authentication;
    connectionStateUpdatedTime: string;
    lastActivityTime: string;
}

export interface DeviceRecord extends IdentityRecord {
    status: "enabled" | "disabled";
    statusReason?: string;
    statusUpdatedTime: string;
    capabilities: { iotEdge: boolean };
    deviceScope?: string;
    parentScopes?: string[];
}

export interface ModuleRecord extends IdentityRecord {
    moduleId: string;
    /** `iotEdge` for modules that a deployment manifest made. */
    managedBy?: string;
}

/** Desired or reported properties, with the metadata that mirrors them. */
export interface TwinSection {
    values: JsonObject;
    metadata: JsonObject;
    version: number;
}

export interface TwinRecord {
    tags: JsonObject;
    desired: TwinSection;
    reported: TwinSection;
    /** Counts the changes to tags and desired properties; the twin's ETag shows it. */
    version: number;
    /** The automatic configurations that target this twin, by their id; those of an edge device lie at its $edgeAgent. */
    configurations?: Record<string, ConfigurationStatus>;
}

export interface ConfigurationStatus {
    status: "Targeted" | "Applied";
}

/** What of a twin changed: what a target condition may look at. */
export type TwinChange = "created" | "tags" | "reported";

/** What a configuration is laid over: twins of devices, of modules, or of all the modules of an edge device. */
export type ConfigurationKind = "device" | "module" | "edge";

/** An automatic configuration: settings for all twins that meet a condition. Its content never changes. */
export interface ConfigurationRecord {
    id: string;
    schemaVersion?: string;
    labels?: Record<string, string>;
    content: ConfigurationContent;
    /** Empty when it targets nobody. */
    targetCondition: string;
    priority: number;
    /** Custom metrics: queries by their name. */
    metrics: Record<string, string>;
    createdTimeUtc: string;
    lastUpdatedTimeUtc: string;
    /** Counts the writes; its ETag shows it. */
    revision: number;
}

/** Settings for one twin: values by their place, `properties.desired` or `properties.desired.<path>`. */
export type Sections = Record<string, Json>;

/** Exactly one of the three; the one that is there says the kind. */
export interface ConfigurationContent {
    deviceContent?: Sections;
    moduleContent?: Sections;
    modulesContent?: Record<string, Sections>;
}

/** What one hub remembers. Modules lie under `device/module`; twins under the key of their identity. */
export interface HubData {
    devices: LaggingCollection<DeviceRecord>;
    modules: LaggingCollection<ModuleRecord>;
    twins: LaggingCollection<TwinRecord>;
    /** The automatic configurations, under their id. */
    configurations: Collection<ConfigurationRecord>;
    /** What changed since the configurations were last held against it, under the key of each twin. */
    changes: Map<string, Set<TwinChange>>;
    /** What devices and modules sent, under their number. */
    messages: Collection<HubMessage>;
    /** The topic filters of clients that asked for a lasting session, under the key of their identity. */
    sessions: Collection<string[]>;
    transaction: Store["transaction"];
}

/** The place of an identity in the store; ids hold no slash. */
export function identityKey(deviceId: string, moduleId?: string): string {
    return moduleId === undefined ? deviceId : `${deviceId}/${moduleId}`;
}

/** `queryLag` is how far queries lag behind, in milliseconds. */
export function hubData(name: string, store: Store, queryLag = 0): HubData {
    return {
        devices: lagging(store.collection(`hub/${name}/devices`), queryLag),
        modules: lagging(store.collection(`hub/${name}/modules`), queryLag),
        twins: lagging(store.collection(`hub/${name}/twins`), queryLag),
        configurations: store.collection(`hub/${name}/configurations`),
        changes: new Map(),
        messages: store.collection(`hub/${name}/messages`),
        sessions: store.collection(`hub/${name}/sessions`),
        transaction: store.transaction,
    };
}

/** Forgets all that a hub knew that was deleted. */
export function deleteHubData(name: string, store: Store): void {
    const { transaction, changes: _changes, ...collections } = hubData(name, store);
    transaction(() => {
        for (const collection of Object.values(collections)) collection.clear();
    });
}
