/** One bar: its length, and how far single measurements were from it. */
export interface Bar {
    label: string;
    value: number;
    range: [number, number];
    /** Ours stand out. */
    isOurs: boolean;
}

const WIDTH = 720;
const LEFT = 230;
const RIGHT = 90;
const ROW = 26;
const TOP = 44;

/** Horizontal bars as an SVG that a page can show anywhere; thin lines are ranges. */
export function barChart(title: string, bars: readonly Bar[]): string {
    const longest = Math.max(...bars.map(({ range }) => range[1]), Number.MIN_VALUE);
    const x = (value: number) => (LEFT + (value / longest) * (WIDTH - LEFT - RIGHT)).toFixed(1);
    const lines = bars.map(({ label, value, range, isOurs }, index) => {
        const y = TOP + index * ROW;
        const middle = y + ROW / 2 - 3;
        return [
            `<text x="${LEFT - 8}" y="${middle + 4}" text-anchor="end">${escaped(label)}</text>`,
            `<rect x="${LEFT}" y="${y}" width="${(Number(x(value)) - LEFT).toFixed(1)}" height="${ROW - 6}" fill="${isOurs ? "#1f6feb" : "#8b949e"}"/>`,
            `<line x1="${x(range[0])}" x2="${x(range[1])}" y1="${middle}" y2="${middle}" stroke="#24292f"/>`,
            `<text x="${Number(x(Math.max(value, range[1]))) + 6}" y="${middle + 4}">${value.toFixed(1)}</text>`,
        ].join("\n");
    });
    const height = TOP + bars.length * ROW + 8;
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="13">
<title>${escaped(title)}</title>
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
<text x="12" y="24" font-size="15" font-weight="bold">${escaped(title)}</text>
${lines.join("\n")}
</svg>
`;
}

function escaped(text: string): string {
    return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
