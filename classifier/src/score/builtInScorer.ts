import type { Request, Response } from "express";
import { RequestError } from "../errors";
import { note } from "../http/observe";
import type { PredictorParts } from "../http/predictor";
import { whenGone } from "../http/whenGone";
import { classifyEach, collectImages, type OnImageError } from "./images";
import type { ScoreImage } from "./requestShapes";
import { scoreAnswer } from "./scoreAnswer";
import type { ScoreFor } from "./scoreBody";
import type { Scorer } from "./scoreRoutes";

export interface BuiltInParts extends Pick<PredictorParts, "fetchImage" | "classifyFor"> {
    scoreFor: ScoreFor;
}

/**
 * Answers what `/score` understands by itself: rows of values, the image list of the Package for Computer Vision, the
 * table of automated ML for images, and the input of the score.py in a Custom Vision export.
 */
export function builtInScorer(
    { fetchImage, classifyFor, scoreFor }: BuiltInParts,
    reportError: (error: unknown, response: Response) => void,
): Scorer {
    return async (request, given, place) => {
        const response = request.res as Response;
        const gone = whenGone(request);
        const names = [request.params.project].flat();
        const body = request.method === "GET" ? queryAsBody(request) : given;
        const outcome = await scoreFor(body, names, gone);
        if (outcome.dialect === "rows") {
            note(response, { rows: outcome.answer.length });
            return { body: JSON.stringify(outcome.answer) };
        }
        const { dialect, images } = outcome;
        const onError: OnImageError = (error) => {
            reportError(error, response);
            const known = error instanceof RequestError;
            return { error: known ? error.message : "The model failed on this image." };
        };
        const collected = await place.whileWaiting(
            collectImages(images, (url) => fetchImage(url, gone), onError),
        );
        const results = await classifyEach(
            collected,
            (image, index) => classifyFor(image, names, gone, wishesOf(images[index])),
            onError,
        );
        note(response, { images: results.length, failed: results.filter((one) => "error" in one).length });
        return { body: scoreAnswer(dialect, results) };
    };
}

/** Only the package's clients say whether they want probabilities; without it they get the network's own scores. */
function wishesOf(image: ScoreImage | string | undefined) {
    if (typeof image !== "object" || !image.parameters) {
        return undefined;
    }
    const { image_resize_dims: dims, ADD_SOFTMAX: softmax } = image.parameters;
    return { rawScores: softmax !== true, stretchTo: dims && { width: dims[0], height: dims[1] } };
}

/** Makes a JSON object of the query's parameters, each read as JSON if it can be, as the inference server does. */
function queryAsBody({ originalUrl }: Request): Buffer {
    const { searchParams } = new URL(originalUrl, "http://localhost");
    const entries = [...new Set(searchParams.keys())].map((name) => {
        const values = searchParams.getAll(name).map(jsonOrText);
        return [name, values.length === 1 ? values[0] : values];
    });
    return Buffer.from(JSON.stringify(Object.fromEntries(entries)));
}

function jsonOrText(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        // Not every value is JSON; the inference server takes it as text then.
        return text;
    }
}
