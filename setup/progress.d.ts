/** See `progress.js`. */
export interface Step {
    doing(doing: string, takes?: string): void;
    latest(line: string): void;
    done(detail: string, remark?: string): void;
    fail(): void;
}

export interface Progress {
    begin(title: string): Step;
    done(title: string, detail: string, time?: string): void;
    say(sentence: string): void;
}

export function createProgress(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Progress;
export function duration(ms: number): string;
