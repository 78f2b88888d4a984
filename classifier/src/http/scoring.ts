import type { Request } from "express";
import type { Prediction } from "../predictions";
import { imageBody } from "./imageBody";
import { remoteImage } from "./remoteImage";
import { readBody } from "./requestBody";

/** Classifies an image with the model that one of the names stands for, or else with the default one. */
export type ClassifyFor = (image: Uint8Array, names: (string | undefined)[]) => Promise<Prediction[]>;

/** How a request brings its image: as its body, or as the address in it. */
export type ImageSource = "image" | "url";

/** Reads the image of a request and classifies it with the model that its path names. */
export async function score(
    request: Request,
    source: ImageSource,
    classifyFor: ClassifyFor,
): Promise<Prediction[]> {
    const body = await readBody(request);
    const image =
        source === "image" ? await imageBody(body, request.headers["content-type"]) : await remoteImage(body);
    const { publishedName, project } = request.params;
    return classifyFor(image, [publishedName, project].flat());
}
