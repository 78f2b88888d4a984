/** Work that is done in rounds, one at a time, as often as somebody asks for it. */
export interface WorkLoop {
    /** Asks for a round: now, or once the present one has ended. */
    ask(): void;
    /** Does something else between two rounds, and asks for one afterwards. Throws when the loop was stopped. */
    between(work: () => Promise<void>): Promise<void>;
    /** Lets no further round begin; resolves when the present one has ended. */
    stop(): Promise<void>;
}

/** Makes a loop of `round`, which has to deal with its own failures. */
export function workLoop(round: () => Promise<void>): WorkLoop {
    let isOn = true;
    let isAsked = false;
    let working: Promise<void> | undefined;

    async function rounds(): Promise<void> {
        while (isAsked && isOn) {
            isAsked = false;
            await round();
        }
        working = undefined;
    }

    function ask(): void {
        isAsked = true;
        if (isOn) working ??= rounds();
    }

    return {
        ask,
        async between(work) {
            while (working) await working.catch(() => {});
            if (!isOn) throw new Error("The device is switched off.");
            working = work().finally(() => {
                working = undefined;
                ask();
            });
            await working;
        },
        async stop() {
            isOn = false;
            await working?.catch(() => {});
        },
    };
}
