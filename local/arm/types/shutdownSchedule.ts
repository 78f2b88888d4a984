import type { ArmResource } from "../armResource";
import { defineType } from "../defineType";
import { madeOnce, now, succeeded } from "../provisioned";
import { demand } from "../refusals";

interface ScheduleProperties {
    readonly taskType?: string;
    readonly targetResourceId?: string;
    readonly timeZoneId?: string;
    readonly dailyRecurrence?: { readonly time?: string };
}

/**
 * The daily shutdown of a machine, which Azure keeps under Microsoft.DevTestLab whether there is a lab or not. Rule of
 * the name: the one that the portal gives and the service demands; shapes: azure-native 3.28.0, devtestlab.
 */
export const shutdownSchedule = defineType({
    token: "azure-native:devtestlab:GlobalSchedule",
    apiVersion: "2018-09-15",
    armType: "Microsoft.DevTestLab/schedules",
    name: {
        property: "name",
        pattern: /^shutdown-computevm-.+$/,
        rule: "the form shutdown-computevm-MACHINE",
    },
    inputs: [
        "dailyRecurrence",
        "hourlyRecurrence",
        "notificationSettings",
        "status",
        "targetResourceId",
        "taskType",
        "timeZoneId",
        "weeklyRecurrence",
    ],
    defaults: { status: "Disabled" },
    computed: ["createdDate", "provisioningState", "systemData", "uniqueIdentifier"],
    references: ({ properties }) => {
        const { targetResourceId } = properties as ScheduleProperties;
        return targetResourceId ? [targetResourceId] : [];
    },
    service: {
        provision: async (wanted, previous) => {
            check(wanted);
            return succeeded(wanted, madeOnce(previous, { createdDate: now }));
        },
    },
});

function check({ name, properties }: ArmResource): void {
    const { taskType, targetResourceId, timeZoneId, dailyRecurrence } = properties as ScheduleProperties;
    const machine = targetResourceId?.split("/").at(-1);
    const demands: [boolean, string][] = [
        [taskType === "ComputeVmShutdownTask", `the taskType ComputeVmShutdownTask, found ${taskType}`],
        [name === `shutdown-computevm-${machine}`, `the name shutdown-computevm-${machine}, found ${name}`],
        [
            /^([01]\d|2[0-3])[0-5]\d$/.test(dailyRecurrence?.time ?? ""),
            `a dailyRecurrence.time of the form HHmm, found ${dailyRecurrence?.time}`,
        ],
        [Boolean(timeZoneId), "a timeZoneId, found none"],
    ];
    for (const [met, what] of demands) {
        demand(met, "InvalidScheduleProperties", `Expected a schedule to have ${what}.`);
    }
}
