import { availableParallelism } from "node:os";
import type { Figure } from "../statistics";

/** What keeps every core busy. */
export const CONNECTIONS = 4 * availableParallelism();
export const MANY_CONNECTIONS = 64;
/** The name of the limit of the hardware. */
export const L2 = "L2";

/** One server or limit, one image, so many connections. */
export interface ServiceRow {
    name: string;
    /** The network: MobileNetV2's shape for all goals. */
    model: string;
    image: string;
    /** 0 for a limit, which has none. */
    connections: number;
    imagesPerSecond: Figure;
    cpuMsPerImage: Figure;
    p50Ms?: Figure;
    p99Ms?: Figure;
    rssMb?: Figure;
    /** Processor time that the load generator itself takes for an image. */
    generatorMs?: Figure;
    /** Windows without other load on the machine; where there was none, the figures are of disturbed ones. */
    clean: number;
    windows: number;
}
