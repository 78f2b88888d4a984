import type { Collection, Store } from "../base/store";
import type { DataPlanes } from "../planes/dataPlanes";
import { ArmError } from "./armError";
import { type ArmPath, type ArmResource, armId, normalizeLocation } from "./armResource";
import { now } from "./provisioned";
import type { AzureContext, Properties, ResourceType } from "./resourceType";
import { typeOf } from "./resourceTypes";

/** The resources of the local subscription: what ARM does with a PUT, GET, DELETE or POST. */
export interface ResourceModel {
    get(path: ArmPath): ArmResource;
    /** The same, or undefined where there is none. */
    find(path: ArmPath): ArmResource | undefined;
    put(path: ArmPath, body: Partial<ArmResource>): Promise<ArmResource>;
    /** Says whether there was something to delete. A group goes with everything in it. */
    delete(path: ArmPath): Promise<boolean>;
    /** Throws what a deletion would be refused with. */
    refuseDelete(path: ArmPath): void;
    /** Answers a POST; `body` is what it brings. */
    action(path: ArmPath, body?: Properties): Properties;
    /** The resources of a type in the whole subscription. */
    list(armType: string): ArmResource[];
    /** Takes up everything that ran before the local Azure was stopped. */
    resume(): Promise<void>;
}

/** A model over `store`; `delayMs` says how late things are, by default not at all. Each call throws an {@link ArmError} for what ARM would refuse. */
export function resourceModel(
    store: Store,
    dataPlanes: DataPlanes,
    delayMs: AzureContext["delayMs"] = () => 0,
): ResourceModel {
    const resources: Collection<ArmResource> = store.collection("arm-resources");
    const secrets: Collection<Properties> = store.collection("arm-secrets");
    const azure: AzureContext = {
        resourcesOfType: (armType: string) => all().filter((resource) => resource.type === armType),
        usersOf: (id) => all().filter((resource) => referencesOf(resource).includes(key(id))),
        secrets: {
            get: (id) => secrets.get(key(id)),
            put: (id, value) => secrets.put(key(id), value),
            remove: (id) => void secrets.remove(key(id)),
        },
        find: (id) => resources.get(key(id)),
        replace: (resource) => resources.put(key(resource.id), resource),
        dataPlanes,
        delayMs,
    };
    const all = () => resources.entries().map(([, resource]) => resource);
    const find = (path: ArmPath) => resources.get(key(path.id));

    function get(path: ArmPath): ArmResource {
        typeOf(path);
        const resource = find(path);
        if (resource) return resource;
        requireGroup(path);
        const what = isGroup(path) ? "ResourceGroupNotFound" : "ResourceNotFound";
        throw new ArmError(404, what, notFound(path));
    }

    function requireGroup(path: ArmPath): void {
        const id = armId("Microsoft.Resources/resourceGroups", path.resourceGroup, path.resourceGroup);
        if (!isGroup(path) && !resources.get(key(id))) {
            throw new ArmError(
                404,
                "ResourceGroupNotFound",
                `Resource group '${path.resourceGroup}' could not be found.`,
            );
        }
    }

    function checkName(path: ArmPath, type: ResourceType): void {
        if (!type.name.pattern.test(path.name)) {
            throw new ArmError(
                400,
                "InvalidResourceName",
                `Expected the name to have ${type.name.rule}, found "${path.name}".`,
            );
        }
        const sameName = azure
            .resourcesOfType(type.armType)
            .some(
                (other) =>
                    key(other.id) !== key(path.id) && other.name.toLowerCase() === path.name.toLowerCase(),
            );
        if (type.name.global && sameName) {
            throw new ArmError(409, "NameNotAvailable", `The name ${path.name} is already in use.`);
        }
    }

    function requireParent({ parentId }: ArmPath): void {
        if (!parentId || resources.get(key(parentId))) return;
        const name = parentId.split("/").at(-1);
        throw new ArmError(
            404,
            "ParentResourceNotFound",
            `Can not perform requested operation on nested resource. Parent resource '${name}' not found.`,
        );
    }

    function requireReferences(wanted: ArmResource): void {
        const missing = referencesOf(wanted).find((id) => !resources.get(id));
        if (!missing) return;
        throw new ArmError(
            400,
            "InvalidResourceReference",
            `Resource ${missing} referenced by resource ${wanted.id} was not found. Please make sure that the ` +
                "referenced resource exists, and that both resources are in the same region.",
        );
    }

    /** Everything that goes with a resource: itself and, before it, what lies within it. */
    function goingWith(resource: ArmResource): ArmResource[] {
        return [...all().filter((other) => key(other.id).startsWith(`${key(resource.id)}/`)), resource];
    }

    function refuseGoing(resource: ArmResource, going: ArmResource[]): void {
        const ids = going.map(({ id }) => id);
        for (const one of going) {
            const users = azure.usersOf(one.id).filter(({ id }) => !ids.includes(id));
            typeOf(one).service.refuseDelete?.(one, users, one.id === resource.id);
        }
    }

    /** Where a resource of this type lies; those within another one have no location of their own. */
    function locationOf(type: ResourceType, body: Partial<ArmResource>): string | undefined {
        if (!type.inputs.includes("location")) return undefined;
        if (body.location) return normalizeLocation(body.location);
        throw new ArmError(400, "LocationRequired", "The location property is required for this definition.");
    }

    return {
        get,
        find: (path) => {
            typeOf(path);
            return find(path);
        },
        refuseDelete: (path) => {
            const resource = get(path);
            refuseGoing(resource, goingWith(resource));
        },
        put: async (path, body) => {
            const type = typeOf(path);
            requireGroup(path);
            requireParent(path);
            checkName(path, type);
            const previous = find(path);
            const location = locationOf(type, body);
            if (previous && previous.location !== location) {
                throw new ArmError(
                    409,
                    "InvalidResourceLocation",
                    `The resource '${path.name}' already exists in location '${previous.location}'.`,
                );
            }
            const { tags, sku, identity, properties = {} } = body;
            const lastModifiedAt = now();
            const createdAt = previous?.systemData?.createdAt ?? lastModifiedAt;
            const wanted: ArmResource = {
                id: path.id,
                name: path.name,
                type: type.armType,
                location,
                tags,
                sku,
                identity,
                properties,
                ...(type.computed.includes("systemData") && { systemData: { createdAt, lastModifiedAt } }),
            };
            requireReferences(wanted);
            const provisioned = await type.service.provision(wanted, previous, azure);
            resources.put(key(path.id), provisioned);
            return provisioned;
        },
        delete: async (path) => {
            typeOf(path);
            const resource = find(path);
            if (!resource) return false;
            const going = goingWith(resource);
            refuseGoing(resource, going);
            for (const one of going) {
                await azure.dataPlanes.remove(one.id);
                await typeOf(one).service.deprovision?.(one, azure);
                secrets.remove(key(one.id));
                resources.remove(key(one.id));
            }
            return true;
        },
        action: (path, body = {}) => {
            const resource = get(path);
            const answer = typeOf(path).service.action?.(resource, path.action ?? "", azure, body);
            if (answer) return answer;
            throw new ArmError(
                404,
                "InvalidResourceType",
                `There is no action '${path.action}' on ${path.type}.`,
            );
        },
        list: azure.resourcesOfType,
        resume: async () => {
            for (const resource of all()) await typeOf(resource).service.resume?.(resource, azure);
        },
    };
}

function referencesOf(resource: ArmResource): string[] {
    return (typeOf(resource).references?.(resource) ?? []).map(key);
}

function isGroup(path: ArmPath): boolean {
    return path.type === "Microsoft.Resources/resourceGroups";
}

function notFound(path: ArmPath): string {
    return isGroup(path)
        ? `Resource group '${path.name}' could not be found.`
        : `The Resource '${path.type}/${path.name}' under resource group '${path.resourceGroup}' was not found.`;
}

/** Ids are the same in any spelling of upper and lower case. */
function key(id: string): string {
    return id.toLowerCase();
}
