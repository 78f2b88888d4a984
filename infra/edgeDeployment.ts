import * as pulumi from "@pulumi/pulumi";
import type { DeploymentManifest } from "./manifest/deploymentManifest";

/** What {@link EdgeDeployment} needs. */
export interface EdgeDeploymentArgs {
    /** Service connection string of the hub, secret. */
    readonly hubConnectionString: pulumi.Input<string>;
    readonly deviceId: pulumi.Input<string>;
    readonly manifest: DeploymentManifest<pulumi.Input<string>>;
}

/** A constant shell, for the reason given in `edgeDevice.ts`. */
const provider: pulumi.dynamic.ResourceProvider = {
    diff: async (id, olds, news) => require("edge-classifier-hub/edgeDeployment").diff(id, olds, news),
    create: async (inputs) => require("edge-classifier-hub/edgeDeployment").create(inputs),
    read: async (id, props) => require("edge-classifier-hub/edgeDeployment").read(id, props),
    update: async (id, olds, news) => require("edge-classifier-hub/edgeDeployment").update(id, olds, news),
    delete: async (id, props) => require("edge-classifier-hub/edgeDeployment").remove(id, props),
};

/** The manifest on the device. Deleting it takes the modules off and leaves the device's runtime. */
export class EdgeDeployment extends pulumi.dynamic.Resource {
    constructor(name: string, args: EdgeDeploymentArgs, opts?: pulumi.CustomResourceOptions) {
        super(provider, name, { ...args }, opts, "edge-classifier", "EdgeDeployment");
    }
}
