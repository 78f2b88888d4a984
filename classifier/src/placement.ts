import type { Filter, Placement, Size, Window } from "./image/pixels";

/** How an image is brought to a network's size. */
export interface Geometry {
    /**
     * `cover` is the exported container's way: the shorter side to the network's size, the middle cut out. `stretch` gives
     * the network the whole image, whatever its proportions. A `shortestEdge`, or a `width` and `height`, is resized to
     * first, and the middle of that is cut out: its place rounded `floor` as transformers does, or `round` as torchvision.
     */
    resize?:
        | "cover"
        | "stretch"
        | { shortestEdge: number; crop?: "floor" | "round" }
        | { width: number; height: number };
    resample?: Filter;
}

/** Where images go for a network of `size`. Throws a sentence if less is resized to than is to be cut out. */
export function placementFor(size: Size, { resize = "cover", resample }: Geometry = {}): Placement {
    const place = (resized: Size, round: (half: number) => number = Math.floor) => ({
        size: resized,
        window: centreOf(resized, size, round),
        filter: resample,
    });
    if (resize === "cover") {
        return (upright) => place(coveringSize(upright, size));
    }
    if (resize === "stretch") {
        return () => place(size);
    }
    const [width, height] =
        "shortestEdge" in resize ? [resize.shortestEdge, resize.shortestEdge] : [resize.width, resize.height];
    if (width < size.width || height < size.height) {
        throw new Error(
            `Expected the size that images are resized to (${width} by ${height}) to hold the network's ${size.width} by ` +
                `${size.height}, found it smaller. Say in model.yaml, as preprocessing.resize, what it is to be.`,
        );
    }
    if (!("shortestEdge" in resize)) {
        return () => place(resize);
    }
    const round = resize.crop === "round" ? roundHalfToEven : Math.floor;
    return (upright) => place(withShortestEdge(upright, resize.shortestEdge), round);
}

/** The size at which the image just covers `size`: one side equal, the other rounded as Python's `round` does. */
export function coveringSize(image: Size, size: Size): Size {
    return image.width * size.height < image.height * size.width
        ? { width: size.width, height: roundHalfToEven((image.height * size.width) / image.width) }
        : { width: roundHalfToEven((image.width * size.height) / image.height), height: size.height };
}

/** As transformers (get_resize_output_image_size) and torchvision do, which cut the longer side off. */
function withShortestEdge({ width, height }: Size, edge: number): Size {
    return width <= height
        ? { width: edge, height: Math.trunc((edge * height) / width) }
        : { width: Math.trunc((edge * width) / height), height: edge };
}

function centreOf(image: Size, size: Size, round: (half: number) => number): Window {
    return {
        left: round((image.width - size.width) / 2),
        top: round((image.height - size.height) / 2),
        ...size,
    };
}

function roundHalfToEven(value: number): number {
    const floor = Math.floor(value);
    const half = value - floor === 0.5;
    return half ? floor + (floor % 2) : Math.round(value);
}
