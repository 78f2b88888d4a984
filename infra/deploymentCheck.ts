import * as command from "@pulumi/command/local";
import type * as pulumi from "@pulumi/pulumi";

/** What {@link deploymentCheck} waits for. */
export interface DeploymentCheckArgs {
    /** Service connection string of the hub, secret. */
    readonly hubConnectionString: pulumi.Input<string>;
    readonly deviceId: pulumi.Input<string>;
    readonly moduleName: string;
    /** The image that the module must run, `repository@sha256:…`. */
    readonly image: pulumi.Input<string>;
    /** Where the module must answer as well; undefined when only the device's report counts. */
    readonly url?: pulumi.Input<string>;
    readonly timeoutSeconds: number;
    /** What becomes of a device that has never connected: a failure, or a warning. Default is `fail`. */
    readonly whenOffline?: "fail" | "accept";
    /** Any change of these values checks again. */
    readonly triggers: pulumi.Input<string>[];
}

/**
 * Verifies the deployment as a resource, because a failing resource fails the update and a failing hook does not.
 * Its command waits until the device reports the module running, and the module answers where a URL is given.
 */
export function deploymentCheck(
    name: string,
    args: DeploymentCheckArgs,
    opts?: pulumi.CustomResourceOptions,
): command.Command {
    return new command.Command(
        name,
        {
            create: "node infra/hub/dist/check.js",
            environment: {
                CHECK_HUB_CONNECTION_STRING: args.hubConnectionString,
                CHECK_DEVICE_ID: args.deviceId,
                CHECK_MODULE: args.moduleName,
                CHECK_IMAGE: args.image,
                CHECK_TIMEOUT_SECONDS: String(args.timeoutSeconds),
                ...(args.url === undefined ? {} : { CHECK_URL: args.url }),
                ...(args.whenOffline === "accept" ? { CHECK_WHEN_OFFLINE: "accept" } : {}),
            },
            // The previous run's output is of no use to this one, and would put the same text into its environment.
            addPreviousOutputInEnv: false,
            triggers: args.triggers,
        },
        opts,
    );
}
