import { readText } from "../../../classifier/src/readText";
import { validateManifest } from "../../../infra/manifest/validateManifest";
import { describeWith, sharedData } from "../../support/sharedData";
import { containerCases } from "./public/containerCases";
import type { PublicCase } from "./public/publicCase";
import { routeAndLayerCases } from "./public/routeAndLayerCases";
import { runtimeCases } from "./public/runtimeCases";
import { sources } from "./public/sources";

const cases: readonly PublicCase[] = [...runtimeCases, ...containerCases, ...routeAndLayerCases];

describe("manifests in the shapes of public ones", () => {
    test.each(cases.filter(({ refused }) => refused === undefined))(
        "$rule: valid is $title",
        ({ manifest }) => {
            expect(validateManifest(manifest)).toEqual([]);
        },
    );

    test.each(cases.filter(({ refused }) => refused !== undefined))(
        "$rule: refused is $title",
        ({ manifest, refused = "" }) => {
            const said = validateManifest(manifest);
            expect(said.join("\n")).toContain(refused);
            expect(said).toHaveLength(1);
        },
    );

    test("are 200 at least, different ones, and each by a rule with a source", () => {
        expect(new Set(cases.map(({ manifest }) => JSON.stringify(manifest))).size).toBeGreaterThanOrEqual(
            200,
        );
        const rows = Object.entries(sources).map(([rule, source]) => {
            const own = cases.filter((one) => one.rule === rule);
            const refused = own.filter((one) => one.refused !== undefined).length;
            expect(own.length).toBeGreaterThan(0);
            return `${rule.padEnd(18)} ${String(own.length - refused).padStart(5)} ${String(refused).padStart(7)}  ${source}`;
        });
        process.stdout.write(
            `\n${"rule".padEnd(18)} valid refused  source\n${rows.join("\n")}\n${cases.length} manifests\n`,
        );
    });
});

describeWith("cases")("manifests that were judged wrongly", () => {
    const judged = (name: string) => {
        const read = JSON.parse(readText(sharedData("cases", "manifests", `${name}.json`)));
        return validateManifest(read.content ?? read);
    };

    test.each(["schema10", "hub12", "co_long_one", "co_lower", "route_single_quotes", "bom", "layered"])(
        "are valid: %s",
        (name) => {
            expect(judged(name)).toEqual([]);
        },
    );

    test.each([
        ["gpu_flat", "DeviceRequests[0].Capabilities[0] to be a list of texts"],
        ["port_obj", "PortBindings.80/tcp to be a list of objects"],
        ["nested_co", "createOptions inside createOptions"],
        ["cred_https", "without scheme, slash and path"],
        ["placeholder_creds", "without placeholders"],
    ])("are refused: %s", (name, reason) => {
        expect(judged(name).join("\n")).toContain(reason);
    });
});
