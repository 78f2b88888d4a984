import { type TestPlugin, urnOf } from "../../support/plugin";
import type { Properties, TestDiff } from "../../support/pluginClient";
import { plain } from "./secretMarks";

/** A resource as a stack keeps it. */
export interface Stacked {
    readonly urn: string;
    readonly id: string;
    readonly inputs: Properties;
    // biome-ignore lint/suspicious/noExplicitAny: a test reaches into outputs by the names it expects
    readonly state: Record<string, any>;
}

/** What the engine does with resources of one type: it checks, and passes on what was answered, without the marks. */
export interface ResourceWork {
    readonly urn: (name?: string) => string;
    check(news: Properties): Promise<Properties>;
    create(news: Properties, name?: string): Promise<Stacked>;
    /** Undefined when the resource is gone. */
    refresh(resource: Stacked): Promise<Stacked | undefined>;
    import(id: string): Promise<Stacked | undefined>;
    diff(resource: Stacked, news: Properties): Promise<TestDiff>;
    update(resource: Stacked, news: Properties): Promise<Stacked>;
    remove(resource: Stacked): Promise<void>;
}

export function workOn(plugin: () => TestPlugin, type: string): ResourceWork {
    const urn = (name = "it") => urnOf(`iotedge:index:${type}`, name);

    async function check(news: Properties): Promise<Properties> {
        const { inputs, failures } = await plugin().check(urn(), news);
        if (failures.length > 0) throw new Error(failures.join("\n"));
        return plain(inputs);
    }

    async function read(one: Stacked, inputs: Properties, state: Properties): Promise<Stacked | undefined> {
        const found = await plugin().read(one.urn, one.id, inputs, state);
        if (found.id === "") return undefined;
        return { ...one, id: found.id, inputs: plain(found.inputs), state: plain(found.properties) };
    }

    return {
        urn,
        check,
        async create(news, name) {
            const inputs = await check(news);
            const { id, properties } = await plugin().create(urn(name), inputs);
            return { urn: urn(name), id, inputs, state: plain(properties) };
        },
        refresh: (resource) => read(resource, resource.inputs, resource.state),
        import: (id) => read({ urn: urn(), id, inputs: {}, state: {} }, {}, {}),
        diff: async (resource, news) =>
            plugin().diff(resource.urn, resource.inputs, await check(news), resource.state),
        async update(resource, news) {
            const inputs = await check(news);
            const state = plain(await plugin().update(resource.urn, resource.id, resource.state, inputs));
            return { ...resource, inputs, state };
        },
        remove: ({ urn: name, id, state }) => plugin().delete(name, id, state),
    };
}
