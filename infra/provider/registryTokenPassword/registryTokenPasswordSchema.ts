import { z } from "zod";
import { about, type ResourceSchema } from "../resourceSchema";

const tokenForm =
    "the id of a token, /subscriptions/…/providers/Microsoft.ContainerRegistry/registries/NAME/tokens/NAME";

export const registryTokenPasswordSchema = {
    name: "RegistryTokenPassword",
    description:
        "A password of a container registry's token. The registry shows it once, when it makes it, so the stack keeps it. " +
        "Deleting the resource leaves the password to its token, which goes right after it.",
    id: "{tokenId}/passwords/password{rotation}",
    renewedBy: ["rotation"],
    inputs: z.strictObject({
        tokenId: about(
            z
                .string(tokenForm)
                .regex(
                    /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.ContainerRegistry\/registries\/[^/]+\/tokens\/[^/]+$/i,
                    tokenForm,
                ),
            { description: "Id of the token in Azure Resource Manager.", replaceOnChanges: true },
        ),
        rotation: about(z.int("a whole number from 1").min(1, "a whole number from 1").default(1), {
            description:
                "Counts the rotations: an odd number is `password1`, an even one `password2`. One higher makes the other " +
                "password; the one before stays valid until the next time.",
        }),
    }),
    outputs: z.strictObject({
        password: about(z.string(), {
            description:
                "The password; empty after an import, since the registry never shows it again: raise `rotation` for one.",
            secret: true,
        }),
    }),
    example: `tokenId: \${token.id}
rotation: 1`,
} satisfies ResourceSchema;
