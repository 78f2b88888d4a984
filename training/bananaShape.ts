/** Where on a banana's skin a point of the picture lies. */
export interface SkinPlace {
    /** From 0, the end of the stem, to 1, the tip. */
    along: number;
    /** From -1, the inner edge of the bend, to 1, the outer edge; beyond them lies the table. */
    across: number;
    /** Half the banana's thickness here, in pixels. */
    halfWidth: number;
}

// The banana follows a piece of a circle, in the pixels of a picture of 640 x 480 (y points down).
const CENTRE = { x: 412, y: -6 };
const RADIUS = 290;
const STEM_ANGLE = 2.76;
const TIP_ANGLE = 0.96;
const HALF_WIDTH = 50;

/** How long the banana is along its middle, in pixels. */
export const LENGTH = RADIUS * (STEM_ANGLE - TIP_ANGLE);

export function skinPlace(x: number, y: number): SkinPlace {
    const [dx, dy] = [x - CENTRE.x, y - CENTRE.y];
    const along = (STEM_ANGLE - Math.atan2(dy, dx)) / (STEM_ANGLE - TIP_ANGLE);
    const halfWidth = halfWidthAt(along);
    const across = halfWidth > 0 ? (Math.hypot(dx, dy) - RADIUS) / halfWidth : Number.POSITIVE_INFINITY;
    return { along, across, halfWidth };
}

export function isBanana({ across }: SkinPlace): boolean {
    return Math.abs(across) < 1;
}

function halfWidthAt(along: number): number {
    if (along < 0 || along > 1) return 0;
    const stem = 13 + 5 * smoothStep(0.06, 0, along);
    const slimTip = 1 - 0.8 * smoothStep(0.74, 1, along) ** 1.8;
    const body = HALF_WIDTH * Math.sqrt(smoothStep(0.07, 0.42, along)) * slimTip;
    const roundEnd = along > 0.985 ? Math.sqrt((1 - along) / 0.015) : 1;
    return Math.max(along < 0.5 ? stem : 0, body) * roundEnd;
}

/** 0 before `from`, 1 after `to`, and a smooth way between them; `from` may be the larger one. */
export function smoothStep(from: number, to: number, value: number): number {
    const share = Math.min(1, Math.max(0, (value - from) / (to - from)));
    return share * share * (3 - 2 * share);
}
