import { certificateProblems } from "./deviceCertificate";
import type { Problem } from "./problem";
import type { SecretSettings, Settings } from "./settings";

/** What goes together only in certain ways: a problem for each pair of settings that does not. */
export function contradictions(found: Partial<Settings>, secrets: Partial<SecretSettings>): Problem[] {
    const problems: Problem[] = [];
    const needs = (key: string, because: string, fix: string) =>
        problems.push({ expected: `config \`${key}\` to be set because ${because}`, found: "none", fix });
    // A machine of ours has an address that the stack learns by itself.
    if (found.check === "http" && found.deviceAddress === "" && found.edgeVm !== true) {
        needs(
            "deviceAddress",
            "`check` is http",
            "Set it with: pulumi config set deviceAddress HOST, or set check to reported",
        );
    }
    if (found.edgeVm === true && found.sshPublicKey === "") {
        needs(
            "sshPublicKey",
            "`edgeVm` is true",
            'Set it with: pulumi config set sshPublicKey "$(cat ~/.ssh/id_ed25519.pub)"',
        );
    }
    if (found.edgeVm === true && found.proxy !== undefined) {
        problems.push({
            expected: "config `proxy` to be empty because `edgeVm` is true",
            found: "one",
            fix:
                "The machine reaches the hub by itself, and would have to install IoT Edge before it knew of a proxy. " +
                "Remove it with: pulumi config rm proxy",
        });
    }
    if (found.deviceAuth === "x509") {
        problems.push(
            ...certificateProblems(found.deviceCertificate, found.deviceId, secrets.devicePrivateKey),
        );
        if (found.deviceThumbprints?.length === 0 && found.deviceCertificate === "") {
            needs(
                "deviceCertificate",
                "`deviceAuth` is x509",
                'Set it with: pulumi config set deviceCertificate "$(cat device.pem)", or set deviceThumbprints',
            );
        }
        if (found.edgeVm === true && found.deviceCertificate === "") {
            needs(
                "deviceCertificate",
                "`edgeVm` is true and `deviceAuth` is x509",
                'Set it with: pulumi config set deviceCertificate "$(cat device.pem)"',
            );
        }
        if (found.edgeVm === true && secrets.devicePrivateKey === "") {
            needs(
                "devicePrivateKey",
                "`edgeVm` is true and `deviceAuth` is x509",
                "Set it with: pulumi config set --secret devicePrivateKey < device-key.pem",
            );
        }
        if (found.provisioning !== "manual" && found.provisioning !== undefined) {
            problems.push({
                expected: "config `provisioning` to be manual because `deviceAuth` is x509",
                found: `"${found.provisioning}"`,
                fix: "Enrollments are made with symmetric keys: set deviceAuth to sas",
            });
        }
    }
    if (found.provisioning?.startsWith("dps") && found.hubAuth === "entra") {
        problems.push({
            expected:
                "config `hubAuth` to be key because a provisioning service is linked to the hub by a key",
            found: '"entra"',
            fix: "Set it with: pulumi config set hubAuth key, or set provisioning to manual",
        });
    }
    if (found.provisioning?.startsWith("dps") && found.deviceId !== found.deviceId?.toLowerCase()) {
        problems.push({
            expected:
                "config `deviceId` to be in lower case because it is a registration id of the provisioning service",
            found: `"${found.deviceId}"`,
            fix: "Set it with: pulumi config set deviceId NAME",
        });
    }
    return problems;
}
