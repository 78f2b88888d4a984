import type { Request } from "express";
import type { ImageWishes } from "../classify";
import { type Prediction, topLabel } from "../predictions";
import type { ScoreOutcome } from "../scoreRequest";
import type { SpareMemory } from "../workers/spareMemory";
import type { Admission } from "./admission";
import { imageBody } from "./imageBody";
import { note } from "./observe";
import { type FetchImage, urlIn } from "./remoteImage";
import { expectedBytes, MAX_BODY_BYTES, readBody } from "./requestBody";

/**
 * Classifies an image with the model that one of the names stands for, or else with the default one. The image's
 * memory may be taken over. `signal` says that nobody waits for the answer any more.
 */
export type ClassifyFor = (
    image: Uint8Array,
    names: (string | undefined)[],
    signal?: AbortSignal,
    wishes?: ImageWishes,
) => Promise<Prediction[]>;

/** Answers the rows in a body, or finds the images that it asks for; under the same conditions. */
export type ScoreBody = (
    body: Uint8Array,
    names: (string | undefined)[],
    signal?: AbortSignal,
) => Promise<ScoreOutcome>;

/** How a request brings its image: as its body, or as the address in it. */
export type ImageSource = "image" | "url";

/** Reads the image of a request and classifies it with the model that its path names. */
export type Score = (request: Request, source: ImageSource) => Promise<Prediction[]>;

export interface ScoringParts {
    admission: Admission;
    fetchImage: FetchImage;
    classifyFor: ClassifyFor;
    /** For the bodies of requests. */
    memory?: Pick<SpareMemory, "take" | "giveBack">;
}

export function createScoring({ admission, fetchImage, classifyFor, memory }: ScoringParts): Score {
    return async (request, source) => {
        const place = admission.enter(source === "image" ? expectedBytes(request) : MAX_BODY_BYTES);
        try {
            const gone = whenGone(request);
            const body = await place.whileWaiting(readBody(request, { take: memory?.take }));
            note(request.res, { bytes: body.length });
            const image =
                source === "image"
                    ? await imageBody(body, request.headers["content-type"])
                    : await place.whileWaiting(fetchImage(urlIn(body), gone));
            if (image !== body) {
                memory?.giveBack(body);
            }
            const { publishedName, project } = request.params;
            const predictions = await classifyFor(image, [publishedName, project].flat(), gone);
            note(request.res, { topLabel: topLabel(predictions) });
            return predictions;
        } finally {
            place.leave();
        }
    };
}

/** Fires when the connection is closed before the answer is written. */
export function whenGone({ res }: Request): AbortSignal {
    const gone = new AbortController();
    res?.once("close", () => {
        // To abort makes an exception with its stack, which every request that went well would pay for.
        if (!res.writableFinished) {
            gone.abort();
        }
    });
    return gone.signal;
}
