import { z } from "zod";
import { resourceTypes } from "../arm/resourceTypes";
import { type PlaneName, planeNames } from "../planes/planeKinds";

const share = z
    .string()
    .regex(/^(0(\.\d+)?|1(\.0+)?)$/, "expected a share from 0 to 1, such as 0.2")
    .transform(Number);

const armType = z.string().refine((name) => resourceTypes.some((type) => type.armType === name), {
    message: `expected a share or one of ${resourceTypes.map((type) => type.armType).join(", ")}`,
});

/** What ARM refuses in the unfriendly mode where no share is named. */
const unfriendlyArm = 0.05;

const schema = z
    .strictObject({
        ...(Object.fromEntries(planeNames.map((name) => [name, share.default(0)])) as Record<
            PlaneName,
            z.ZodDefault<typeof share>
        >),
        slow: share.default(0),
        arm: share.optional(),
        provider: z.union([share, armType]).default(0),
        unfriendly: z
            .enum(["0", "1"], "expected 0 or 1")
            .default("0")
            .transform((text) => text === "1"),
        hurry: z
            .string()
            .regex(/^[1-9]\d{0,3}$/, "expected a whole number from 1 to 9999")
            .transform(Number)
            .default(1),
        seed: z
            .string()
            .regex(/^\d{1,9}$/, "expected a whole number of at most nine digits")
            .transform(Number)
            .default(1),
    })
    .transform((found) => ({ ...found, arm: found.arm ?? (found.unfriendly ? unfriendlyArm : 0) }));

/** Which calls fail, and how long changes take: shares of the calls to each data plane and to ARM, and of the changes. */
export interface FaultSettings extends Readonly<Record<PlaneName, number>> {
    /** The share of data plane calls that succeed late. */
    readonly slow: number;
    /** The share of calls to ARM that are too many. */
    readonly arm: number;
    /** A share of the changes, or the ARM type of resources whose next change fails. */
    readonly provider: number | string;
    /** Whether everything takes as long as in Azure. */
    readonly unfriendly: boolean;
    /** What the waits of that are divided by. */
    readonly hurry: number;
    /** Equal seeds decide alike. */
    readonly seed: number;
}

/** What `--faults` takes, for its help and its refusal. */
export const faultsForm =
    "none, or settings such as hub=0.2,dps=0.2,registry=0.2,slow=0.1,arm=0.1,provider=Microsoft.Devices/IotHubs," +
    "unfriendly=1,hurry=30,seed=7";

/** Reads the form of `--faults`; throws a sentence for any other text. */
export function parseFaults(text: string): FaultSettings {
    const pairs = text === "none" ? [] : text.split(",").map(nameAndValue);
    const names = pairs.map(([name]) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw refusal(text, `${twice} is set twice`);
    const parsed = schema.safeParse(Object.fromEntries(pairs));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw refusal(text, [issue?.path.join("."), issue?.message].filter(Boolean).join(": "));
}

function nameAndValue(pair: string): [string, string] {
    const [name = "", ...value] = pair.split("=");
    return [name, value.join("=")];
}

function refusal(text: string, reason: string): Error {
    return new RangeError(`Expected --faults to be ${faultsForm}; found "${text}": ${reason}.`);
}
