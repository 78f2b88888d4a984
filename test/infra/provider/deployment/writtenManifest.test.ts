import { hidePasswords } from "../../../../infra/provider/deployment/hidePasswords";
import { answerBy, resourceOf, scriptedProvider, stacked, well } from "../scriptedServices";
import { secretPaths } from "../secretMarks";

const agentWith = (names: string[]) => ({
    "properties.desired": { modules: Object.fromEntries(names.map((name) => [name, {}])) },
});

test("an update empties the desired properties of a module that stays, and names none that is gone", async () => {
    const calls = answerBy(well);
    const desired = { "properties.desired": { threshold: 1 } };
    const before = { $edgeAgent: agentWith(["stays", "goes"]), stays: desired, goes: desired };
    const after = { $edgeAgent: agentWith(["stays"]) };
    const { inputs = {}, state = {} } = stacked.Deployment ?? {};
    await scriptedProvider().update(
        resourceOf("Deployment"),
        "id",
        { ...inputs, manifest: { modulesContent: after } },
        { ...state, manifest: { modulesContent: before } },
        false,
    );
    const [applied] = calls.filter(({ path }) => path.endsWith("applyConfigurationContent"));
    expect(applied?.body).toEqual({ modulesContent: { ...after, stays: { "properties.desired": {} } } });
});

test("the passwords of all registries are marked, whatever they are called, and nothing else", () => {
    const account = { address: "r.example", username: "u", password: "p" };
    const settings = { registryCredentials: { registry: account, b: account } };
    const desired = { "properties.desired": { runtime: { settings } } };
    const found = secretPaths(hidePasswords({ manifest: { modulesContent: { $edgeAgent: desired } } }));
    const place =
        "manifest.modulesContent.$edgeAgent.properties.desired.runtime.settings.registryCredentials";
    expect(found).toEqual([`${place}.b.password`, `${place}.registry.password`]);
});
