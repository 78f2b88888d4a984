import type { Request } from "express";
import type { ClassifyFor } from "../classify";
import { type Prediction, topLabel } from "../predictions";
import type { SpareMemory } from "../workers/spareMemory";
import type { Admission } from "./admission";
import { imageBody } from "./imageBody";
import { note } from "./observe";
import { type FetchImage, urlIn } from "./remoteImage";
import { expectedBytes, MAX_BODY_BYTES, readBody } from "./requestBody";
import { whenGone } from "./whenGone";

/** How a request brings its image: as its body, or as the address in it. */
export type ImageSource = "image" | "url";

/** Reads the image of a request and classifies it with the model that its path names. */
export type Predictor = (request: Request, source: ImageSource) => Promise<Prediction[]>;

export interface PredictorParts {
    admission: Admission;
    fetchImage: FetchImage;
    classifyFor: ClassifyFor;
    /** Where the bodies of requests are read to; memory of their own without it. */
    memory?: Pick<SpareMemory, "take" | "giveBack">;
}

/** Makes the one way from a request on an image route to predictions, which admits the request first. */
export function createPredictor({ admission, fetchImage, classifyFor, memory }: PredictorParts): Predictor {
    return async (request, source) => {
        const place = admission.enter(source === "image" ? expectedBytes(request) : MAX_BODY_BYTES);
        try {
            const gone = whenGone(request);
            const body = await place.whileWaiting(readBody(request, { take: memory?.take }));
            note(request.res, { bytes: body.length });
            const image =
                source === "image"
                    ? imageBody(body, request.headers["content-type"])
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
