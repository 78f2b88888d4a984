import type * as compute from "@pulumi/azure-native/compute";
import * as devtestlab from "@pulumi/azure-native/devtestlab";
import * as pulumi from "@pulumi/pulumi";

/** When a machine stops every day. */
export interface DailyShutdown {
    /** `HH:MM`. */
    readonly time: string;
    /** Windows' name of a time zone, such as `UTC` or `W. Europe Standard Time`. */
    readonly timeZone: string;
}

/** What {@link dailyShutdown} needs. */
export interface DailyShutdownArgs extends DailyShutdown {
    readonly resourceGroupName: pulumi.Input<string>;
    readonly vm: compute.VirtualMachine;
}

/** Stops a machine every day, as a child of `parent`. Nothing starts it again by itself. */
export function dailyShutdown(name: string, args: DailyShutdownArgs, parent: pulumi.Resource): void {
    new devtestlab.GlobalSchedule(
        name,
        {
            resourceGroupName: args.resourceGroupName,
            // Azure accepts no other name for the schedule of a machine.
            name: pulumi.interpolate`shutdown-computevm-${args.vm.name}`,
            status: devtestlab.EnableStatus.Enabled,
            taskType: "ComputeVmShutdownTask",
            targetResourceId: args.vm.id,
            dailyRecurrence: { time: args.time.replace(":", "") },
            timeZoneId: args.timeZone,
        },
        { parent },
    );
}

/** Throws for a text that is no time of the day such as `19:00`. */
export function checkTimeOfDay(text: string): void {
    if (/^([01]\d|2[0-3]):[0-5]\d$/.test(text)) return;
    throw new Error(`Expected the time of the daily shutdown to be like 19:00, found "${text}".`);
}
