const ESCAPES: Record<string, string> = { n: "\n", r: "\r", t: "\t" };
const STRING = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/y;
const NUMBER = /[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?/iy;

/**
 * Reads what Python's `str` writes of a dict, list or tuple of texts and numbers; undefined for anything else. Keys become
 * texts, as in JSON.
 */
export function parsePythonLiteral(text: string): unknown {
    let at = 0;
    const skip = () => {
        while (/\s/.test(text[at] ?? "")) at++;
    };
    const match = (pattern: RegExp) => {
        pattern.lastIndex = at;
        const [found] = pattern.exec(text) ?? [];
        at += found?.length ?? 0;
        return found;
    };
    const take = (sign: string) => {
        skip();
        if (text[at] !== sign) return false;
        at++;
        return true;
    };
    const fail = (): never => {
        throw new SyntaxError();
    };
    const until = (end: string, item: () => void) => {
        while (!take(end)) {
            item();
            if (take(",")) continue;
            if (take(end)) return;
            fail();
        }
    };
    const value = (): unknown => {
        if (take("{")) {
            const entries: [string, unknown][] = [];
            until("}", () => {
                const key = String(value());
                if (!take(":")) fail();
                entries.push([key, value()]);
            });
            return Object.fromEntries(entries);
        }
        const end = take("[") ? "]" : take("(") ? ")" : undefined;
        if (end) {
            const items: unknown[] = [];
            until(end, () => items.push(value()));
            return items;
        }
        const quoted = match(STRING);
        if (quoted !== undefined) return unescaped(quoted.slice(1, -1));
        const number = match(NUMBER);
        return number === undefined ? fail() : Number(number);
    };
    try {
        const found = value();
        skip();
        return at === text.length ? found : undefined;
    } catch (error) {
        if (error instanceof SyntaxError) return undefined;
        throw error;
    }
}

function unescaped(text: string): string {
    return text.replace(
        /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|(.))/gs,
        (_, byte, unit, point, sign) => {
            const code = byte ?? unit ?? point;
            return code ? String.fromCodePoint(Number.parseInt(code, 16)) : (ESCAPES[sign] ?? sign);
        },
    );
}
