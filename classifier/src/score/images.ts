import { RequestError } from "../errors";
import { webUrl } from "../http/remoteImage";
import { MAX_BODY_BYTES } from "../http/requestBody";
import type { Prediction } from "../predictions";
import type { ScoreImage } from "./requestShapes";

/** Images of one request that are classified side by side, so that other requests get their turn in between. */
const SIDE_BY_SIDE = 4;
/** Each image with an address is fetched into memory, so a request may have only so many. */
const MOST_URLS = 16;

/** What is wrong with one image of several. */
export interface ImageError {
    error: string;
}

/** Turns what went wrong with one image into its result. */
export type OnImageError = (error: unknown) => ImageError;

/** Decodes or fetches each image of a request. */
export function collectImages(
    images: readonly (ScoreImage | string)[],
    fetchImage: (url: URL) => Promise<Uint8Array>,
    onError: OnImageError,
): Promise<(Uint8Array | ImageError)[]> {
    let urls = 0;
    const bytesOf = async (image: ScoreImage | string) => {
        if (typeof image === "string") {
            throw new RequestError(400, "BadRequest", image);
        }
        if ("base64" in image.source) {
            return fromBase64(image.source.base64);
        }
        if (++urls > MOST_URLS) {
            throw new RequestError(
                400,
                "BadRequestImageUrl",
                `Expected at most ${MOST_URLS} addresses in a request.`,
            );
        }
        return fetchImage(webUrl(image.source.url));
    };
    return Promise.all(images.map((image) => bytesOf(image).catch(onError)));
}

/** Classifies each image that was collected, a few at a time. */
export async function classifyEach(
    images: readonly (Uint8Array | ImageError)[],
    classify: (image: Uint8Array, index: number) => Promise<readonly Prediction[]>,
    onError: OnImageError,
): Promise<(readonly Prediction[] | ImageError)[]> {
    const results: (readonly Prediction[] | ImageError)[] = [];
    const waiting = images.entries();
    // All take from one iterator, so that each image is taken once.
    const takeImages = async () => {
        for (const [index, image] of waiting) {
            results[index] = "error" in image ? image : await classify(image, index).catch(onError);
        }
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, takeImages));
    return results;
}

/** Base64 as clients write it: also as a data URL, and as Python prints bytes, which is what the published client sends. */
function fromBase64(text: string): Buffer {
    const bare = text
        .trim()
        .replace(/^b(['"])(.*)\1$/s, "$2")
        .replace(/^data:[^,]*;base64,/, "")
        .replace(/\s+/g, "");
    if (!/^[\w+/-]+={0,2}$/.test(bare)) {
        throw new RequestError(
            400,
            "BadRequestImageFormat",
            "Expected an image in base64, found something else.",
        );
    }
    const bytes = Buffer.from(bare, "base64");
    if (bytes.length > MAX_BODY_BYTES) {
        throw new RequestError(
            400,
            "BadRequestImageSizeBytes",
            `Expected an image of at most ${MAX_BODY_BYTES} bytes, found ${bytes.length}.`,
        );
    }
    return bytes;
}
