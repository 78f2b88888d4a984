import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeModel } from "../../classifier/src/onnx";
import { pose, scaleChannels } from "../../training/augment";
import { featuresModel } from "../../training/classifierGraph";
import { type Features, openFeatures } from "../../training/features";
import { spotFeatures } from "../../training/featuresGraph";
import { disc } from "./pictures";

const upright = { angle: 0, zoom: 1, flip: false };

describe("spot features", () => {
    let features: Features;
    beforeAll(async () => {
        features = await openFeatures(spotFeatures());
    });
    const distance = (a: Float32Array, b: Float32Array) =>
        Math.hypot(...a.map((value, i) => value - (b[i] as number)));

    test("are those of the default model, and say which pixels they take", () => {
        const folder = join(__dirname, "../../classifier/model");
        const { graph, metadataProps, opsetImport, irVersion } = decodeModel(
            readFileSync(join(folder, "model.onnx")),
        );
        const own = decodeModel(featuresModel(spotFeatures()));
        const ofFeatures = <T extends { name: string }>(parts: T[]) =>
            parts.filter(({ name }) => /^features(\/|$)/.test(name));
        expect(own.graph.node.length).toBeGreaterThan(20);
        expect(JSON.stringify(ofFeatures(graph.node))).toBe(JSON.stringify(own.graph.node));
        expect(JSON.stringify(ofFeatures(graph.initializer))).toBe(JSON.stringify(own.graph.initializer));
        expect(JSON.stringify([metadataProps, opsetImport, irVersion, graph.input])).toBe(
            JSON.stringify([own.metadataProps, own.opsetImport, own.irVersion, own.graph.input]),
        );
    });

    test("are as many as the graph says", async () => {
        expect(await features(disc(12))).toHaveLength(spotFeatures().size);
    });

    test("change with the number of spots far more than with the light or the pose", async () => {
        const spotted = disc(12);
        const own = await features(spotted);
        const bySpots = distance(own, await features(disc(0)));
        const dimmed = scaleChannels(spotted, [0.7, 0.7, 0.7]);
        const warm = scaleChannels(spotted, [1.1, 1, 0.75]);
        const turned = pose(spotted, { ...upright, angle: Math.PI / 2 });
        const flipped = pose(spotted, { ...upright, flip: true });
        expect(distance(own, await features(dimmed))).toBeLessThan(0.15 * bySpots);
        expect(distance(own, await features(warm))).toBeLessThan(0.15 * bySpots);
        expect(distance(own, await features(turned))).toBeLessThan(0.001 * bySpots);
        expect(distance(own, await features(flipped))).toBeLessThan(0.001 * bySpots);
    });
});
