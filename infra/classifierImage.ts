import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { contentHash, normalizeModes } from "./buildContext";
import type { ModelDescription } from "./checkedModel";
import type { ContainerRegistry } from "./containerRegistry";

/** What {@link ClassifierImage} needs. */
export interface ClassifierImageArgs {
    /** Build context relative to the project folder; it holds the Dockerfile and the model. */
    readonly context: string;
    /** What the model says of itself, for the image's labels. */
    readonly model: ModelDescription;
    /** Tags of the stack, which the image has in one label. */
    readonly tags?: Readonly<Record<string, string>>;
    /** Platform of the device, such as `linux/arm64`. */
    readonly platform: string;
    /** Where the image is pushed, and as whom. */
    readonly registry: Pick<ContainerRegistry, "loginServer" | "push">;
}

/** The repository of the image, which the registry's tokens are for. */
export const classifierRepository = "classifier";

/** The classifier's image, built from its folder and pushed. Its tag names its content, its reference pins its digest. */
export class ClassifierImage extends pulumi.ComponentResource {
    /** `repository@sha256:…`. */
    public readonly reference: pulumi.Output<string>;

    constructor(name: string, args: ClassifierImageArgs, opts?: pulumi.ComponentResourceOptions) {
        super("edge-classifier:index:ClassifierImage", name, {}, opts);

        normalizeModes(args.context);
        const { loginServer, push } = args.registry;
        const { title, version, description } = args.model;
        const { tags = {} } = args;
        // The provider knows no labels but those of the Dockerfile, which has no way to make several of one argument.
        const tagged: Record<string, string> =
            Object.keys(tags).length > 0 ? { TAGS: JSON.stringify(tags) } : {};
        const image = new docker.Image(
            name,
            {
                imageName: pulumi.interpolate`${loginServer}/${classifierRepository}:${contentHash(args.context)}`,
                build: {
                    context: args.context,
                    dockerfile: `${args.context}/Dockerfile`,
                    platform: args.platform,
                    args: { TITLE: title, VERSION: version, DESCRIPTION: description, ...tagged },
                },
                registry: { server: loginServer, ...push },
            },
            { parent: this },
        );

        this.reference = image.repoDigest;
        this.registerOutputs({ reference: this.reference });
    }
}
